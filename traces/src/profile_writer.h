// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "traces/profile.h"
#include "traces/src/hdf5.h"

namespace bsfa::traces {

/// Writes /layers/{layer}/profile.
///
/// Errors  throws Fault, before anything is written where the data contradict themselves.
void write_profile(hid_t file, std::int64_t layer, const Profile& profile);

}  // namespace bsfa::traces
