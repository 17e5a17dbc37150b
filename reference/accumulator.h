// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/block.h"
#include "core/mask.h"
#include "reference/log_weights.h"

namespace bsfa::reference {

/// What a tile adds to an output: exp(score - row_max) summed, and multiplied with V.
struct TileTerm {
  std::int64_t k_block = 0;
  const double* row_max = nullptr;                          ///< [rows]
  const double* row_sum = nullptr;                          ///< [rows]
  const double* product = nullptr;                          ///< [D, rows]: channel by channel
  const std::vector<std::uint8_t>* bad_channels = nullptr;  ///< [D], nullptr: all V are finite
};

/// The softmax over the tiles of one mask, times V, gathered tile by tile.
class Accumulator {
 public:
  Accumulator(std::vector<core::TileCode> mask, std::int64_t rows, std::int64_t head_dim);

  /// Adds the tile if the mask lets it take part; a skipped tile leaves no trace.
  void add(const TileTerm& term);

  /// O and LSE; low and retained_mass are left to others. Call once.
  core::BlockOutput finish();

 private:
  std::vector<core::TileCode> mask_;
  std::int64_t rows_, head_dim_;
  LogWeights weights_;
  std::vector<double> o_;  ///< [D, rows], relative to the weights' maximum
  std::vector<std::uint8_t> exempt_;
};

}  // namespace bsfa::reference
