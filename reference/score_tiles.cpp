// SPDX-License-Identifier: Apache-2.0
#include "reference/score_tiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/convert.h"
#include "reference/product.h"
#include "reference/rounding_bound.h"

namespace bsfa::reference {
namespace {

constexpr std::int64_t kPanelColumns = 256;  // wide enough for Eigen's product, small enough for L2
constexpr double kInfinity = std::numeric_limits<double>::infinity();

void row_maxima(const double* __restrict scores, std::int64_t rows, std::int64_t columns,
                double* __restrict maxima) {
  std::fill(maxima, maxima + rows, -kInfinity);
  for (std::int64_t c = 0; c < columns; ++c, scores += rows) {
    for (std::int64_t r = 0; r < rows; ++r) {
      const bool takes = scores[r] > maxima[r] || scores[r] != scores[r];
      maxima[r] = takes ? scores[r] : maxima[r];
    }
  }
}

double maximum(const std::vector<double>& values) {
  double largest = -kInfinity;
  for (const double value : values) {
    if (std::isnan(value)) return value;
    largest = std::max(largest, value);
  }
  return largest;
}

}  // namespace

ScoreTiles::ScoreTiles(const core::Problem& problem, const core::AttentionInputs& inputs,
                       const core::WorkItem& item)
    : problem_(problem),
      inputs_(inputs),
      geometry_(problem),
      item_(item),
      kv_head_(problem.kv_head_of(item.head)),
      q_rows_(geometry_.q_rows(item.q_block)),
      visible_tiles_(geometry_.visible_k_blocks(item.q_block)),
      q_(static_cast<std::size_t>(q_rows_.size() * problem.head_dim)) {
  load_rows(inputs.q, item.batch, item.head, q_rows_, q_.data());
}

void ScoreTiles::for_each(const std::function<void(ScoreTile&)>& visit) const {
  const std::int64_t width = problem_.head_dim;
  const std::int64_t tiles_per_panel = kPanelColumns / problem_.gate.k_block;
  const RoundingBound bound(problem_, q_.data(), rows());
  // Exact: 11 bits of q times 24 bits of scale fit a double, as do their products with k.
  std::vector<double> scaled_q(q_);
  for (double& x : scaled_q) x *= static_cast<double>(problem_.scale);
  std::vector<double> keys(static_cast<std::size_t>(kPanelColumns * width));
  std::vector<double> scores(static_cast<std::size_t>(kPanelColumns * rows()));
  std::vector<double> maxima(static_cast<std::size_t>(rows()));

  for (std::int64_t first = 0; first < visible_tiles_; first += tiles_per_panel) {
    const std::int64_t last = std::min(first + tiles_per_panel, visible_tiles_) - 1;
    const core::Range panel{geometry_.k_columns(first).begin, geometry_.k_columns(last).end};
    load_rows(inputs_.k, item_.batch, kv_head_, panel, keys.data());
    multiply_transposed({rows(), width, panel.size()}, scaled_q.data(), keys.data(), scores.data());
    for (std::int64_t n = first; n <= last; ++n) {
      const core::Range columns = geometry_.k_columns(n);
      const std::int64_t offset = columns.begin - panel.begin;
      ScoreTile tile{n, columns, rows(), scores.data() + offset * rows(), maxima.data(), 0.0, 0.0};
      mask_future(tile);
      row_maxima(tile.scores, rows(), columns.size(), maxima.data());
      tile.max = maximum(maxima);
      tile.beta = bound.beta(keys.data() + offset * width, columns.size(), tile.max);
      visit(tile);
    }
  }
}

void ScoreTiles::mask_future(const ScoreTile& tile) const {
  if (!problem_.causal) return;
  const std::int64_t first_position = geometry_.row_position(q_rows_.begin);
  for (std::int64_t c = std::max(tile.columns.begin, first_position + 1); c < tile.columns.end;
       ++c) {
    double* column = tile.scores + (c - tile.columns.begin) * rows();
    std::fill(column, column + std::min(c - first_position, rows()), -kInfinity);
  }
}

}  // namespace bsfa::reference
