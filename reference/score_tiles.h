// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/problem.h"
#include "core/tensor.h"
#include "core/tile_geometry.h"
#include "core/work.h"

namespace bsfa::reference {

/// The scores of one visible tile. Row-contiguous: entry (row, column) is scores[column·rows +
/// row].
struct ScoreTile {
  std::int64_t k_block = 0;
  core::Range columns;
  std::int64_t rows = 0;
  double* scores = nullptr;  ///< natural units, -inf where causality masks; may be overwritten
  const double* row_max = nullptr;  ///< per row; NaN if a visible score of the row is NaN
  double max = 0.0;                 ///< tile_max
  double beta = 0.0;
};

/// Exact scores (double products of fp16 or bf16 inputs) of one Q block against its visible tiles.
class ScoreTiles {
 public:
  ScoreTiles(const core::Problem& problem, const core::AttentionInputs& inputs,
             const core::WorkItem& item);

  std::int64_t rows() const noexcept { return q_rows_.size(); }
  std::int64_t tiles() const noexcept { return visible_tiles_; }

  /// Visits the visible tiles from left to right. A tile's memory lives until the visit returns.
  void for_each(const std::function<void(ScoreTile&)>& visit) const;

 private:
  void mask_future(const ScoreTile& tile) const;

  const core::Problem& problem_;
  const core::AttentionInputs& inputs_;
  core::TileGeometry geometry_;
  core::WorkItem item_;
  std::int64_t kv_head_;
  core::Range q_rows_;
  std::int64_t visible_tiles_;
  std::vector<double> q_;  ///< [rows, D]
};

}  // namespace bsfa::reference
