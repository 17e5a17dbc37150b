// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include "core/block.h"
#include "core/problem.h"

namespace bsfa::analysis {

/// Kept share of one Q block's off-diagonal tiles against threshold and retained mass.
///
/// Point j keeps share j/63 of the off-diagonal tiles, highest tile_max first: threshold[j] is the
/// largest τ that keeps at least that many (+inf for none), mass[j] the share of the dense mass in
/// kept and diagonal tiles; NaN tiles are always kept, tiles equal to τ too. A block without
/// off-diagonal tiles has mass 1 throughout and τ +inf.
struct KeptShareCurve {
  static constexpr std::size_t kPoints = 64;
  std::array<float, kPoints> threshold{};
  std::array<float, kPoints> mass{};
};

/// Errors  throws core::InvalidProblem where tile_max or tile_mass is absent.
KeptShareCurve kept_share_curve(const core::Problem& problem, const core::BlockStatistics& block);

}  // namespace bsfa::analysis
