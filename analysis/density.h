// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/tile_counts.h"
#include "core/work.h"

namespace bsfa::analysis {

/// One Q block's tiles under the mask that a threshold table gave it.
struct BlockTiles {
  core::WorkItem item;
  TileCounts tiles;
};

/// What a table promised and what it did.
struct DensityComparison {
  std::optional<double> predicted;  ///< min(k, off-diagonal) of each Q block, over off-diagonal
  std::optional<double> measured;   ///< kept over off-diagonal
  std::optional<double> ratio;      ///< measured over predicted; none where nothing was predicted
};

/// Density of a problem if a table calibrated for k keeps k tiles a Q block; none if there are no
/// off-diagonal tiles. The same for every head.
std::optional<double> predicted_density(const core::Problem& problem, std::int64_t k);

/// Predicted against measured density on held-out input, over all Q blocks given and per head.
struct DensityReport {
  DensityComparison overall;
  std::vector<DensityComparison> heads;  ///< [H], all batch entries together
};
DensityReport compare_density(std::int64_t heads, std::int64_t k,
                              std::span<const BlockTiles> blocks);

}  // namespace bsfa::analysis
