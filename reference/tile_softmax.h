// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/block.h"
#include "reference/score_tiles.h"

namespace bsfa::reference {

/// Replaces a tile's scores by exp(score - row_max) and adds them up by row. Every tile has its own
/// row maxima, so that a skipped tile's large scores cannot push a kept tile's into underflow. Rows
/// without a finite maximum get what they get: their maximum says so.
///
/// Shapes  row_sum: [rows].
void exponentiate(ScoreTile& tile, double* row_sum);

/// Per row and tile, the sum of exponentials under the tile's own row maximum: enough for the dense
/// softmax's share of every tile once its normaliser is known.
class TileSums {
 public:
  TileSums(std::int64_t rows, std::int64_t tiles);

  /// Where tile n's sums go, [rows]; `row_max` is copied.
  double* add(std::int64_t n, const double* row_max);

  /// Natural-log normaliser of each row's dense softmax: NaN for a row with a NaN or +inf score,
  /// -inf for one whose scores are all -inf.
  std::vector<double> dense_lse() const;

  /// Share of the dense softmax inside tile n, per row: NaN where lse is, 0 where it is -inf.
  void shares(std::int64_t n, const std::vector<double>& lse, std::vector<double>& out) const;

 private:
  std::int64_t rows_, tiles_;
  std::vector<double> max_, sum_;  ///< [tiles, rows]
};

/// Fills tile_mass, tile_mass_max and dense_lse.
void fill_masses(const TileSums& sums, std::int64_t tiles, core::BlockStatistics& statistics);

}  // namespace bsfa::reference
