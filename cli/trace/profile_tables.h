// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "traces/profile.h"

namespace bsfa::cli {

// Tables of a profile for people, which its report and bsfa info of its trace share. Each line
// starts with `indent`; counters, samples and stalls have an empty line before; nothing where there
// are none.

std::string facilities_table(const traces::Profile& profile, const std::string& indent);
/// Who refused what, and what to do about it, and which metrics the GPU does not have.
std::string refusals_text(const traces::Profile& profile,
                          const std::vector<std::string>& unknown_metrics,
                          const std::string& indent);
std::string counters_table(const traces::Profile& profile, const std::string& indent);
std::string samples_table(const traces::Profile& profile, const std::string& indent);
std::string stalls_table(const traces::Profile& profile, const std::string& indent);

}  // namespace bsfa::cli
