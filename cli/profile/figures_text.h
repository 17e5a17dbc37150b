// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "cli/profile/conclusions.h"
#include "cli/trace/work_text.h"

namespace bsfa::cli {

/// All figures of one launch, for people: work, distances to the best, counters, tensor check,
/// traffic, loads. The report of bsfa profile and bsfa info of its trace show the same.
Entries figure_entries(const Collection& collection, const Conclusions& conclusions,
                       std::optional<double> ceiling_tflops);

/// Launches of each variant, and what levels of records add, with their limits. Each line starts
/// with `indent`, an empty one comes before; nothing where none was timed.
std::string times_table(const Conclusions& conclusions, const std::string& indent);

}  // namespace bsfa::cli
