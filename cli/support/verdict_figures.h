// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "analysis/verdict.h"
#include "cli/support/json.h"

namespace bsfa::cli {

/// The numbers that a comparison, a layer, a head and a row of a sweep have in common, as JSON.
Json verdict_numbers(const analysis::Verdict& verdict);

/// The same as cells of a table, and the headings of their columns.
std::vector<std::string> verdict_cells(const analysis::Verdict& verdict);
std::vector<std::string> verdict_headings();

}  // namespace bsfa::cli
