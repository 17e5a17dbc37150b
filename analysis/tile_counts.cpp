// SPDX-License-Identifier: Apache-2.0
#include "analysis/tile_counts.h"

#include "core/tile_geometry.h"

namespace bsfa::analysis {

std::optional<double> TileCounts::density() const {
  if (off_diagonal == 0) return std::nullopt;
  return static_cast<double>(kept) / static_cast<double>(off_diagonal);
}

TileCounts& TileCounts::operator+=(const TileCounts& other) {
  off_diagonal += other.off_diagonal;
  kept += other.kept;
  skipped += other.skipped;
  diagonal += other.diagonal;
  return *this;
}

TileCounts count_tiles(const core::Problem& problem, std::int64_t q_block,
                       std::span<const core::TileCode> mask) {
  const core::TileGeometry geometry(problem);
  TileCounts counts;
  for (std::int64_t n = 0; n < geometry.visible_k_blocks(q_block); ++n) {
    if (geometry.place(q_block, n) == core::TilePlace::kDiagonal) {
      ++counts.diagonal;
      continue;
    }
    ++counts.off_diagonal;
    ++(core::takes_part(mask[static_cast<std::size_t>(n)]) ? counts.kept : counts.skipped);
  }
  return counts;
}

}  // namespace bsfa::analysis
