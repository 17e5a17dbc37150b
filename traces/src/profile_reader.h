// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "traces/profile.h"
#include "traces/src/dataset_reader.h"

namespace bsfa::traces {

/// Whether there is a /layers/{layer}/profile; reads the links of the layer alone.
bool has_profile(hid_t file, std::int64_t layer);

/// All of it; nullopt where there is none.
///
/// Errors  throws Fault.
std::optional<Profile> read_profile(hid_t file, std::int64_t layer, FileContext& context);

}  // namespace bsfa::traces
