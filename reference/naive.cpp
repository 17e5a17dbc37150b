// SPDX-License-Identifier: Apache-2.0
#include "reference/naive.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/tile_geometry.h"
#include "reference/convert.h"
#include "reference/exponential.h"
#include "reference/ordered_product.h"

namespace bsfa::reference {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::size_t count(std::int64_t rows, std::int64_t columns) {
  return static_cast<std::size_t>(rows * columns);
}

/// Two passes over the tiles that take part: row maxima, then exponentials and PV. Everything that
/// has rows is stored with contiguous rows, padded to a multiple of kRowGroup.
class NaiveBlock {
 public:
  NaiveBlock(const core::Problem& problem, const core::AttentionInputs& inputs,
             const core::WorkItem& item);

  void find_maxima(std::int64_t n);
  /// After find_maxima has seen every tile.
  void settle_maxima();
  void accumulate(std::int64_t n);
  std::vector<float> output() const;

 private:
  core::Range compute_scores(std::int64_t n);
  void mask_future(core::Range columns);
  void exponentiate(std::int64_t columns);

  const core::Problem& problem_;
  const core::AttentionInputs& inputs_;
  core::TileGeometry geometry_;
  core::WorkItem item_;
  std::int64_t kv_head_;
  core::Range q_rows_;
  std::int64_t rows_;              ///< padded
  std::vector<float> q_;           ///< [D, rows]
  std::vector<float> kv_;          ///< [Bk, D]
  std::vector<float> scores_;      ///< [Bk, rows]
  std::vector<float> max_, sum_;   ///< [rows]
  std::vector<float> subtrahend_;  ///< [rows], max or 0 where it is not finite
  std::vector<float> numerator_;   ///< [D, rows]
};

NaiveBlock::NaiveBlock(const core::Problem& problem, const core::AttentionInputs& inputs,
                       const core::WorkItem& item)
    : problem_(problem),
      inputs_(inputs),
      geometry_(problem),
      item_(item),
      kv_head_(problem.kv_head_of(item.head)),
      q_rows_(geometry_.q_rows(item.q_block)),
      rows_((q_rows_.size() + kRowGroup - 1) / kRowGroup * kRowGroup),
      q_(count(rows_, problem.head_dim)),
      kv_(count(problem.gate.k_block, problem.head_dim)),
      scores_(count(rows_, problem.gate.k_block)),
      max_(count(rows_, 1), -kInfinity),
      sum_(count(rows_, 1)),
      subtrahend_(count(rows_, 1)),
      numerator_(count(rows_, problem.head_dim)) {
  std::vector<float> q(count(q_rows_.size(), problem.head_dim));
  load_rows(inputs.q, item.batch, item.head, q_rows_, q.data());
  for (std::int64_t r = 0; r < q_rows_.size(); ++r) {
    for (std::int64_t d = 0; d < problem.head_dim; ++d) {
      q_[static_cast<std::size_t>(d * rows_ + r)] =
          q[static_cast<std::size_t>(r * problem.head_dim + d)];
    }
  }
}

core::Range NaiveBlock::compute_scores(std::int64_t n) {
  const core::Range columns = geometry_.k_columns(n);
  const std::int64_t width = problem_.head_dim;
  load_rows(inputs_.k, item_.batch, kv_head_, columns, kv_.data());
  const std::size_t size = count(rows_, columns.size());
  std::fill_n(scores_.begin(), size, 0.0F);
  add_ordered_product(q_.data(), {kv_.data(), 1, width}, rows_, columns.size(), width,
                      scores_.data());
  for (std::size_t i = 0; i < size; ++i) scores_[i] *= problem_.scale;
  mask_future(columns);
  return columns;
}

void NaiveBlock::mask_future(core::Range columns) {
  if (!problem_.causal) return;
  const std::int64_t first_position = geometry_.row_position(q_rows_.begin);
  for (std::int64_t c = std::max(columns.begin, first_position + 1); c < columns.end; ++c) {
    float* column = scores_.data() + (c - columns.begin) * rows_;
    std::fill(column, column + std::min(c - first_position, rows_), -kInfinity);
  }
}

void NaiveBlock::find_maxima(std::int64_t n) {
  const core::Range columns = compute_scores(n);
  float* __restrict maxima = max_.data();
  const float* scores = scores_.data();
  for (std::int64_t c = 0; c < columns.size(); ++c, scores += rows_) {
    for (std::int64_t r = 0; r < rows_; ++r) {
      const bool takes = scores[r] > maxima[r] || scores[r] != scores[r];
      maxima[r] = takes ? scores[r] : maxima[r];
    }
  }
}

void NaiveBlock::settle_maxima() {
  for (std::size_t r = 0; r < max_.size(); ++r) {
    subtrahend_[r] = std::isfinite(max_[r]) ? max_[r] : 0.0F;
  }
}

void NaiveBlock::exponentiate(std::int64_t columns) {
  float* __restrict scores = scores_.data();
  float* __restrict sums = sum_.data();
  const float* __restrict subtrahend = subtrahend_.data();
  for (std::int64_t c = 0; c < columns; ++c, scores += rows_) {
    for (std::int64_t r = 0; r < rows_; ++r) {
      const float p = exp_of_difference(scores[r] - subtrahend[r]);
      scores[r] = p;
      sums[r] += p;
    }
  }
  round_to(problem_.dtype, {scores_.data(), count(rows_, columns)});
}

void NaiveBlock::accumulate(std::int64_t n) {
  const core::Range columns = compute_scores(n);
  exponentiate(columns.size());
  load_rows(inputs_.v, item_.batch, kv_head_, columns, kv_.data());
  add_ordered_product(scores_.data(), {kv_.data(), problem_.head_dim, 1}, rows_, problem_.head_dim,
                      columns.size(), numerator_.data());
}

std::vector<float> NaiveBlock::output() const {
  std::vector<float> o(count(q_rows_.size(), problem_.head_dim));
  for (std::int64_t r = 0; r < q_rows_.size(); ++r) {
    const auto row = static_cast<std::size_t>(r);
    const bool poisoned = std::isnan(max_[row]) || max_[row] == kInfinity;
    for (std::int64_t d = 0; d < problem_.head_dim; ++d) {
      const float value = numerator_[static_cast<std::size_t>(d * rows_ + r)] / sum_[row];
      o[static_cast<std::size_t>(r * problem_.head_dim + d)] =
          poisoned ? std::numeric_limits<float>::quiet_NaN()
                   : (max_[row] == -kInfinity ? 0.0F : value);
    }
  }
  round_to(problem_.dtype, o);
  return o;
}

}  // namespace

std::vector<float> naive_output(const core::Problem& problem, const core::AttentionInputs& inputs,
                                const core::WorkItem& item, std::span<const core::TileCode> mask) {
  NaiveBlock block(problem, inputs, item);
  const std::int64_t visible = core::TileGeometry(problem).visible_k_blocks(item.q_block);
  std::vector<std::int64_t> tiles;
  for (std::int64_t n = 0; n < visible; ++n) {
    if (core::takes_part(mask[static_cast<std::size_t>(n)])) tiles.push_back(n);
  }
  for (const std::int64_t n : tiles) block.find_maxima(n);
  block.settle_maxima();
  for (const std::int64_t n : tiles) block.accumulate(n);
  return block.output();
}

}  // namespace bsfa::reference
