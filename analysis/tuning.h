// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/tile_counts.h"
#include "core/block.h"
#include "core/problem.h"

namespace bsfa::analysis {

/// What is known of one Q block's tiles before any gating, as a trace holds it.
///
/// Shapes  [Kb] each; tile_mass_max may be empty, then there is no certificate.
/// Units   natural score units; masses are shares of the dense softmax.
struct TileStatistics {
  std::int64_t q_block = 0;
  std::int64_t rows = 0;
  std::span<const float> tile_max, tile_mass, tile_mass_max;
};

/// What a threshold would do to one Q block, or to many, without computing attention again.
struct Tuning {
  TileCounts tiles;
  double lost_mass = 0.0;                      ///< sum over rows of the dense mass in skipped tiles
  std::int64_t rows = 0;                       ///< rows behind lost_mass
  std::optional<double> worst_row_loss = 0.0;  ///< largest u; none where it is not known

  /// Mean over rows of the dense mass in kept tiles: exactly 1 where nothing is skipped.
  double retained_mass() const;
  /// Bound on lost over kept mass of every row, u/(1-u); none from u = 1 on, where it bounds
  /// nothing.
  std::optional<double> certificate() const;
  Tuning& operator+=(const Tuning& other);
};

/// The mask that τ gives these tiles; NaN is kept.
std::vector<core::TileCode> mask_under(const core::Problem& problem,
                                       const TileStatistics& statistics, float tau);

/// Counts, mass and u = Σ tile_mass_max over the tiles that a mask skips; exact for the mass up to
/// the rounding of the stored floats.
///
/// Errors  throws core::InvalidProblem where a span is not [Kb].
Tuning tune(const core::Problem& problem, const TileStatistics& statistics,
            std::span<const core::TileCode> mask);
Tuning tune(const core::Problem& problem, const TileStatistics& statistics, float tau);

/// The same from exact scores, where the gate compares tile_max in double.
Tuning tune(const core::Problem& problem, const core::BlockStatistics& statistics, float tau);

}  // namespace bsfa::analysis
