// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "analysis/work_profile.h"

namespace bsfa::cli {

/// "8 SMs, max/mean 1.02, idle 3.41 %": how evenly the units shared the work.
std::string balance_text(const analysis::WorkProfile& profile);

/// "12.3 us an item + 0.52 us a tile seen + 0.31 us a tile kept, R² 0.998"; a coefficient that the
/// items do not determine is left out and said so.
std::string cost_text(const analysis::CostModel& model);

}  // namespace bsfa::cli
