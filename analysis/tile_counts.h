// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/mask.h"
#include "core/problem.h"

namespace bsfa::analysis {

/// Counts of tiles; outside tiles are in none of them.
struct TileCounts {
  std::int64_t off_diagonal = 0;
  std::int64_t kept = 0;     ///< off-diagonal ones
  std::int64_t skipped = 0;  ///< off-diagonal ones
  std::int64_t diagonal = 0;
  /// Kept over off-diagonal; none if there are no off-diagonal tiles.
  std::optional<double> density() const;
  TileCounts& operator+=(const TileCounts& other);
  friend bool operator==(const TileCounts&, const TileCounts&) = default;
};

/// Counts one Q block's tiles under a mask of [Kb] codes. The geometry says which tiles are
/// off-diagonal; the mask only which of them take part.
TileCounts count_tiles(const core::Problem& problem, std::int64_t q_block,
                       std::span<const core::TileCode> mask);

}  // namespace bsfa::analysis
