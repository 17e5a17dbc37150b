// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/problem.h"
#include "core/thresholds.h"

namespace bsfa::analysis {

/// Thresholds that keep an exact share of the off-diagonal tiles of every head and position, from
/// the tile_max [B,H,Qb,Kb] of the very problem: the k largest are kept, k = round(share · count),
/// a half rounded up. Batch entries share a table and are counted together. All shares at once.
///
/// A share of 1 is a finite τ below all, a share of 0 a finite one above all, so that a kernel
/// gates at every share; more than k tiles are kept only where the k-th and (k+1)-th are equal.
///
/// Errors  throws core::InvalidProblem where a share is not in [0, 1] or an off-diagonal tile_max
///         is NaN or infinite, naming head and Q block.
std::vector<core::Thresholds> thresholds_keeping_shares(const core::Problem& problem,
                                                        std::span<const float> tile_max,
                                                        std::span<const double> shares);

/// The same for k tiles in every Q block, as calibration on this very problem has it: -inf where
/// there are k or fewer, +inf for k = 0, the mean over batch entries.
///
/// Errors  as thresholds_keeping_shares; a negative k too.
std::vector<core::Thresholds> thresholds_keeping_tiles(const core::Problem& problem,
                                                       std::span<const float> tile_max,
                                                       std::span<const std::int64_t> k_values);

/// Share of the off-diagonal tiles that a mask [B,H,Qb,Kb] keeps; none if there are none.
std::optional<double> kept_share(const core::Problem& problem, std::span<const std::uint8_t> mask);

}  // namespace bsfa::analysis
