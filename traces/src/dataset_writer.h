// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "traces/src/hdf5.h"
#include "traces/src/schema.h"

namespace bsfa::traces {

/// How groups, the root among them, are created.
void set_group_properties(hid_t creation, const std::string& place);

/// Opens the group, or creates it.
Handle require_group(hid_t parent, const std::string& name);

/// Writes a whole array as one dataset, chunks compressed in parallel. An array without elements
/// becomes a dataset without chunks: present, and empty.
///
/// Errors  throws Fault.
void write_array(hid_t group, const std::string& name, hid_t type, const Layout& layout,
                 const void* data);

template <typename T>
void write_array(hid_t group, const std::string& name, const Layout& layout,
                 const std::vector<T>& data) {
  write_array(group, name, file_type<T>(), layout, data.data());
}

}  // namespace bsfa::traces
