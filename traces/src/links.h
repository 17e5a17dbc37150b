// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/src/hdf5.h"

namespace bsfa::traces {

/// Groups and their links. `place` is the path that errors name.
///
/// Errors  throw Fault.

/// Whether `name` is in the group, as an object of this file: links to elsewhere are refused.
bool has_link(hid_t group, const std::string& name, const std::string& place);

Handle open_group(hid_t parent, const std::string& name, const std::string& place);

/// Names in a group that holds nothing but whole numbers, ascending.
std::vector<std::int64_t> numbered_links(hid_t group, const std::string& place);

}  // namespace bsfa::traces
