// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "traces/profile.h"

namespace bsfa::cli {

/// A profile as a trace holds it, for people: what was collected and what that cost, times of the
/// levels, counters by set, the range of each sampled metric, the worst lines, findings. Parts that
/// are not there are left out.
std::string profile_tables_text(const traces::Profile& profile);

// Parts of it that the report of bsfa profile shows too. Each line starts with `indent`; samples
// and stalls with an empty line before, and nothing where there are none.

std::string facilities_table(const traces::Profile& profile, const std::string& indent);
/// Who refused what, and what to do about it; empty where nothing was refused.
std::string refusals_text(const traces::Profile& profile, const std::string& indent);
std::string samples_table(const traces::Profile& profile, const std::string& indent);
std::string stalls_table(const traces::Profile& profile, const std::string& indent);

}  // namespace bsfa::cli
