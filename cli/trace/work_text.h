// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analysis/work_profile.h"

namespace bsfa::cli {

/// Lines of fields(): a name, which may be empty where the line before goes on, and a text.
using Entries = std::vector<std::pair<std::string, std::string>>;

/// What the records of one launch say, for people: tiles; how evenly SMs or workers, CTAs,
/// warpgroups and warps shared the work; why the busiest is; and what a work item costs.
Entries work_entries(const analysis::WorkProfile& profile);

}  // namespace bsfa::cli
