// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "analysis/verdict.h"

namespace bsfa::analysis {

/// τ of one Q block; -inf where gating is off.
float threshold_of(const core::Problem& problem, const core::Thresholds* thresholds,
                   const core::WorkItem& item);

/// Whether a right kernel may decide either way because of fp32 rounding alone: 0 < β and
/// |tile_max - τ| <= β. With β = 0 fp32 is exact and the answer is no.
bool is_tie(double tile_max, double beta, float tau) noexcept;

/// Kernel mask (where there is one) and tile_max (where there is one) of one Q block.
GatingFinding judge_gating(const core::Problem& problem, const core::Thresholds* thresholds,
                           const core::BlockStatistics& statistics,
                           const core::KernelOutput& kernel);

/// Whether some off-diagonal tile's decision cannot be inferred from the reference.
bool has_undecidable_tile(const core::Problem& problem, const core::Thresholds* thresholds,
                          const core::BlockStatistics& statistics);

/// Off-diagonal tiles that `mask` skips and that are no ties.
std::int64_t skipped_beyond_ties(const core::Problem& problem, const core::Thresholds* thresholds,
                                 const core::BlockStatistics& statistics,
                                 std::span<const core::TileCode> mask);

}  // namespace bsfa::analysis
