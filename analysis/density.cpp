// SPDX-License-Identifier: Apache-2.0
#include "analysis/density.h"

#include <algorithm>

#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

/// The tiles of some Q blocks as they are, and as k would have them.
struct Pool {
  TileCounts measured, predicted;

  void add(const TileCounts& tiles, std::int64_t k) {
    measured += tiles;
    const std::int64_t kept = std::min(k, tiles.off_diagonal);
    predicted += {tiles.off_diagonal, kept, tiles.off_diagonal - kept, tiles.diagonal};
  }
  DensityComparison compare() const {
    DensityComparison comparison{predicted.density(), measured.density(), std::nullopt};
    if (predicted.kept > 0) comparison.ratio = *comparison.measured / *comparison.predicted;
    return comparison;
  }
};

}  // namespace

std::optional<double> predicted_density(const core::Problem& problem, std::int64_t k) {
  const core::TileGeometry geometry(problem);
  Pool pool;
  for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
    pool.add({geometry.off_diagonal_count(m), 0, 0, 0}, k);
  }
  return pool.predicted.density();
}

DensityReport compare_density(std::int64_t heads, std::int64_t k,
                              std::span<const BlockTiles> blocks) {
  Pool overall;
  std::vector<Pool> per_head(static_cast<std::size_t>(heads));
  for (const BlockTiles& block : blocks) {
    overall.add(block.tiles, k);
    per_head[static_cast<std::size_t>(block.item.head)].add(block.tiles, k);
  }
  DensityReport report{overall.compare(), {}};
  for (const Pool& pool : per_head) report.heads.push_back(pool.compare());
  return report;
}

}  // namespace bsfa::analysis
