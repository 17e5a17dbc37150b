// SPDX-License-Identifier: Apache-2.0
#include "analysis/curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/mask.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

struct Tile {
  double tile_max;
  double mass;
};

/// The largest τ that keeps a tile of this maximum. NaN is kept by every τ, +inf by every finite.
float largest_keeping(double tile_max) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  constexpr float kLargest = std::numeric_limits<float>::max();
  if (std::isnan(tile_max)) return kInf;
  if (tile_max >= static_cast<double>(kLargest)) return kLargest;
  if (tile_max < -static_cast<double>(kLargest)) return -kInf;
  const auto nearest = static_cast<float>(tile_max);
  return static_cast<double>(nearest) > tile_max ? std::nextafter(nearest, -kInf) : nearest;
}

std::vector<Tile> off_diagonal_tiles(const core::Problem& problem,
                                     const core::BlockStatistics& block) {
  const core::TileGeometry geometry(problem);
  const std::int64_t m = block.item.q_block;
  const auto k_blocks = static_cast<std::size_t>(geometry.k_blocks());
  if (block.tile_max.size() != k_blocks || block.tile_mass.size() != k_blocks) {
    throw core::InvalidProblem("a kept share curve needs tile_max and tile_mass of every tile");
  }
  std::vector<Tile> tiles;
  tiles.reserve(static_cast<std::size_t>(geometry.off_diagonal_count(m)));
  for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
    if (geometry.place(m, n) != core::TilePlace::kOffDiagonal) continue;
    const auto at = static_cast<std::size_t>(n);
    tiles.push_back({block.tile_max[at], static_cast<double>(block.tile_mass[at])});
  }
  return tiles;
}

/// NaN first, then by tile_max, highest first.
bool higher(const Tile& a, const Tile& b) {
  if (std::isnan(a.tile_max) || std::isnan(b.tile_max)) {
    return std::isnan(a.tile_max) && !std::isnan(b.tile_max);
  }
  return a.tile_max > b.tile_max;
}

}  // namespace

KeptShareCurve kept_share_curve(const core::Problem& problem, const core::BlockStatistics& block) {
  std::vector<Tile> tiles = off_diagonal_tiles(problem, block);
  std::stable_sort(tiles.begin(), tiles.end(), higher);
  // lost[i]: dense mass of all but the first i tiles. Counting what is lost, not what is kept,
  // makes the curve end at exactly 1.
  std::vector<double> lost(tiles.size() + 1, 0.0);
  for (std::size_t i = tiles.size(); i > 0; --i) lost[i - 1] = lost[i] + tiles[i - 1].mass;

  constexpr std::size_t kSteps = KeptShareCurve::kPoints - 1;
  KeptShareCurve curve;
  std::size_t kept = 0;
  for (std::size_t j = 0; j <= kSteps; ++j) {
    const std::size_t wanted = (j * tiles.size() + kSteps - 1) / kSteps;
    curve.threshold[j] = wanted == 0 ? std::numeric_limits<float>::infinity()
                                     : largest_keeping(tiles[wanted - 1].tile_max);
    while (kept < tiles.size() && core::gate_keeps(tiles[kept].tile_max, curve.threshold[j])) {
      ++kept;
    }
    const double mass = 1.0 - lost[kept];
    curve.mass[j] = static_cast<float>(mass < 0.0 ? 0.0 : mass);
  }
  return curve;
}

}  // namespace bsfa::analysis
