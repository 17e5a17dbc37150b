// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "traces/profile.h"

namespace bsfa::traces {

/// What holds for every profile: the writer refuses to break it, the reader does not rely on it.
///
/// Errors  throws Fault, whose place is that within the profile.
void check_profile(const Profile& profile);

}  // namespace bsfa::traces
