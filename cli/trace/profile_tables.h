// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "traces/profile.h"

namespace bsfa::cli {

/// A profile as a trace holds it, for people: what was collected and what that cost, times of the
/// levels, counters by set, the range of each sampled metric, the worst lines, findings. Parts that
/// are not there are left out.
std::string profile_tables_text(const traces::Profile& profile);

}  // namespace bsfa::cli
