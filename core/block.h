// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/mask.h"
#include "core/tensor.h"
#include "core/work.h"

namespace bsfa::core {

/// What the exact scores of one Q block say, before any gating.
///
/// Shapes  per tile: [Kb]; per row: [rows], rows being the valid rows of the block.
/// Units   natural score units; masses are shares of the dense softmax, 0 to 1.
struct BlockStatistics {
  WorkItem item;
  std::int64_t rows = 0;
  std::vector<double> tile_max;  ///< -inf outside; NaN if any visible entry is NaN
  /// How far a correct fp32 tile_max may lie from this one; 0 where fp32 is exact, +inf where Q or
  /// K is not finite or products can overflow fp32.
  std::vector<double> beta;
  std::vector<std::uint8_t> must_keep;  ///< 1: a visible score is NaN or +inf, so skipping is wrong
  std::vector<float> tile_mass;         ///< mean over rows; 0 outside
  std::vector<float> tile_mass_max;     ///< maximum over rows
  std::vector<double> dense_lse;        ///< per row
};

/// Attention of one Q block under one mask.
///
/// Shapes  o and low: [rows, D], row-major; lse and retained_mass: [rows].
struct BlockOutput {
  std::vector<TileCode> mask;  ///< [Kb], the mask it was computed under
  std::vector<double> o;       ///< in double
  std::vector<double>
      lse;  ///< natural logarithm; NaN or +inf where o is NaN, -inf where nothing is kept
  std::vector<float> low;  ///< naive computation in the problem's dtype, empty if not asked for
  std::vector<double> retained_mass;  ///< per row, share of the dense mass in tiles that take part
  std::vector<std::uint8_t>
      exempt_channel;  ///< [D], 1: a V value in a tile that takes part is not finite
};

/// Everything the specification knows of one Q block: dense, and under each mask asked about.
struct BlockEvaluation {
  BlockStatistics statistics;
  BlockOutput dense;
  std::vector<BlockOutput> masked;
};

/// A kernel's results for a whole problem, owned by somebody else.
///
/// Shapes  o: [B,H,M,D]; lse: [B,H,M]; mask, tile_max: [B,H,Qb,Kb], contiguous; absent ones null.
struct KernelOutput {
  TensorView o;
  const float* lse = nullptr;
  const std::uint8_t* mask = nullptr;
  const float* tile_max = nullptr;
};

}  // namespace bsfa::core
