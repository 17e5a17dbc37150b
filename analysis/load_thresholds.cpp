// SPDX-License-Identifier: Apache-2.0
#include "analysis/load_thresholds.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "core/error.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

/// Calls visit(head, m, values) with the off-diagonal maxima of every Q block of every batch entry.
template <typename Visit>
void for_each_block(const core::Problem& p, std::span<const float> tile_max, Visit&& visit) {
  const core::TileGeometry geometry(p);
  std::vector<float> values;
  for (std::int64_t row = 0; row < p.batch * p.heads * geometry.q_blocks(); ++row) {
    const std::int64_t m = row % geometry.q_blocks();
    const std::int64_t head = row / geometry.q_blocks() % p.heads;
    const float* tiles = tile_max.data() + row * geometry.k_blocks();
    values.clear();
    for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
      if (geometry.place(m, n) != core::TilePlace::kOffDiagonal) continue;
      if (!std::isfinite(tiles[n])) {
        throw core::InvalidProblem(fmt::format(
            "head {}, Q block {}: a tile_max is {}, which gives no threshold", head, m, tiles[n]));
      }
      values.push_back(tiles[n]);
    }
    visit(head, m, values);
  }
}

/// Of every Q block of a head.
std::vector<std::int64_t> off_diagonal_tiles(const core::Problem& p) {
  const core::TileGeometry geometry(p);
  std::vector<std::int64_t> tiles;
  for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
    std::int64_t count = 0;
    for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
      if (geometry.place(m, n) == core::TilePlace::kOffDiagonal) ++count;
    }
    tiles.push_back(count);
  }
  return tiles;
}

void require_count(std::int64_t tiles) {
  if (tiles >= 0) return;
  throw core::InvalidProblem(fmt::format("{} tiles are to be kept, which is no number", tiles));
}

/// τ that keeps the `count` largest.
float keeping(std::vector<float> values, std::size_t count) {
  if (count >= values.size()) return -kInf;
  if (count == 0) return kInf;
  const auto skipped = values.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(values.begin(), skipped, values.end(), std::greater<>());
  const float kept = *std::min_element(values.begin(), skipped);
  const auto middle =
      static_cast<float>((static_cast<double>(kept) + static_cast<double>(*skipped)) / 2.0);
  // Neighbours in fp32 have no value between them; the kept one itself separates them.
  return middle > *skipped ? middle : kept;
}

}  // namespace

std::int64_t tiles_kept(const core::Problem& problem, std::span<const float> tile_max,
                        const core::Thresholds& thresholds) {
  const core::TileGeometry geometry(problem);
  std::int64_t kept = 0;
  for_each_block(problem, tile_max, [&](std::int64_t head, std::int64_t m, const auto& values) {
    const float tau = thresholds.at(head, geometry.threshold_index(m, thresholds.blocks));
    if (tau == kInf) return;
    kept += std::count_if(values.begin(), values.end(), [&](float value) { return value >= tau; });
  });
  return kept;
}

std::int64_t k_keeping(const core::Problem& problem, std::int64_t kept) {
  require_count(kept);
  const auto tiles = off_diagonal_tiles(problem);
  const std::int64_t most = tiles.empty() ? 0 : *std::max_element(tiles.begin(), tiles.end());
  std::int64_t below = 0;
  for (std::int64_t k = 0; k < most; ++k) {
    const auto longer = std::count_if(tiles.begin(), tiles.end(), [&](auto n) { return n > k; });
    const std::int64_t above = below + longer * problem.batch * problem.heads;
    if (above > kept) return kept - below <= above - kept ? k : k + 1;
    below = above;
  }
  return most;
}

core::Thresholds one_threshold_keeping(const core::Problem& problem,
                                       std::span<const float> tile_max, std::int64_t kept) {
  require_count(kept);
  std::vector<float> all;
  for_each_block(problem, tile_max, [&](std::int64_t, std::int64_t, const auto& values) {
    all.insert(all.end(), values.begin(), values.end());
  });
  return core::Thresholds::constant(problem.heads, problem.gate,
                                    keeping(std::move(all), static_cast<std::size_t>(kept)));
}

}  // namespace bsfa::analysis
