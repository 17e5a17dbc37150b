// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/problem.h"
#include "core/work.h"

namespace bsfa::analysis {

/// `count` distinct Q blocks, drawn from all (batch, head, Q block) without replacement and
/// returned in order; all of them where there are no more. Stratified: heads are visited evenly,
/// and the last Q block of some head, which sees the most tiles, is always among them. Same seed,
/// same sample.
std::vector<core::WorkItem> sample_work_items(const core::Problem& problem, std::int64_t count,
                                              std::uint64_t seed);

}  // namespace bsfa::analysis
