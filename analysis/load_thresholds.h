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
/// Errors  throw core::InvalidProblem where an off-diagonal tile_max is NaN or infinite.

/// Off-diagonal tiles that `thresholds` keep in a Q block, on average, to the nearest whole.
std::int64_t mean_tiles_kept(const core::Problem& problem, std::span<const float> tile_max,
                             const core::Thresholds& thresholds);

/// One threshold for all heads and positions that keeps as many off-diagonal tiles in all as k in
/// every Q block do (all of them where a block has no more): the midpoint between the last kept
/// and the first skipped; more are kept only where those two are equal.
core::Thresholds one_threshold_keeping(const core::Problem& problem,
                                       std::span<const float> tile_max, std::int64_t k);

}  // namespace bsfa::analysis
