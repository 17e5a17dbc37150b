// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/problem.h"
#include "core/thresholds.h"

namespace bsfa::analysis {

/// The paper holds that a fixed k balances the load. These make the two sides of that comparison
/// on one problem, from its tile_max [B,H,Qb,Kb].
///
/// Errors  throw core::InvalidProblem where an off-diagonal tile_max is NaN or infinite, or `kept`
///         is negative.

/// Off-diagonal tiles that `thresholds` keep in all.
std::int64_t tiles_kept(const core::Problem& problem, std::span<const float> tile_max,
                        const core::Thresholds& thresholds);

/// The k with which k tiles in every Q block (all of them where a block has no more) come nearest
/// to `kept` in all; they are within half a tile a Q block of it, up to all there are.
std::int64_t k_keeping(const core::Problem& problem, std::int64_t kept);

/// One threshold for all heads and positions that keeps `kept` off-diagonal tiles in all: the
/// midpoint between the last kept and the first skipped; more are kept only where those two are
/// equal.
core::Thresholds one_threshold_keeping(const core::Problem& problem,
                                       std::span<const float> tile_max, std::int64_t kept);

}  // namespace bsfa::analysis
