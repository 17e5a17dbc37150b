// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <limits>

#include <math.h>

#include "tests/mutants/plain_attention.h"
#include "tests/mutants/plain_softmax_body.h"
#include "tests/mutants/rounding.h"

namespace bsfa::test {
namespace plain {

BSFA_MUTANT_CODE inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

template <typename T>
BSFA_MUTANT_CODE T* element(const bsfa_tensor& t, std::int64_t i, std::int64_t j, std::int64_t r) {
  return static_cast<T*>(t.data) + (i * t.stride[0] + j * t.stride[1] + r * t.stride[2]);
}

BSFA_MUTANT_CODE inline float decode(std::uint16_t bits, bool half) {
  return half ? decode_fp16(bits) : decode_bf16(bits);
}

/// The larger of two, NaN if either is.
BSFA_MUTANT_CODE inline float maximum(float a, float b) {
  if (a != a || b != b) return std::numeric_limits<float>::quiet_NaN();
  return a < b ? b : a;
}

}  // namespace plain

template <typename Team>
BSFA_MUTANT_CODE PlainAttention<Team>::PlainAttention(const bsfa_problem& problem,
                                                      const bsfa_arguments& arguments,
                                                      Mutation mutation, bool reverse,
                                                      PlainTiles& tiles)
    : problem_(problem),
      arguments_(arguments),
      mutation_(mutation),
      reverse_(reverse || mutation == Mutation::kTilesInReverse),
      half_(problem.dtype_q == BSFA_FLOAT16),
      bq_(problem.gate_q_block),
      bk_(problem.gate_k_block),
      dim_(problem.head_dim),
      q_blocks_(plain::ceil_div(problem.q_len, bq_)),
      k_blocks_(plain::ceil_div(problem.kv_len, bk_)),
      offset_(mutation == Mutation::kAlignedTopLeft ? 0 : problem.kv_len - problem.q_len),
      scale_(mutation == Mutation::kScaleTwice ? problem.scale * problem.scale : problem.scale),
      t_(tiles) {}

template <typename Team>
BSFA_MUTANT_CODE float PlainAttention<Team>::round(float x) const {
  return half_ ? round_fp16(x) : round_bf16(x);
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::compute(std::int64_t batch, std::int64_t head,
                                                    std::int64_t q_block) {
  batch_ = batch;
  head_ = head;
  m_ = q_block;
  start_block();
  for (std::int64_t i = 0; i < end_visible_; ++i) visit(reverse_ ? end_visible_ - 1 - i : i);
  for (std::int64_t n = end_visible_; n < k_blocks_; ++n) {
    report(n, BSFA_TILE_OUTSIDE, -plain::kInfinity);
  }
  store();
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::start_block() {
  const std::int64_t group = problem_.heads / problem_.kv_heads;
  kv_head_ = is(Mutation::kQueryHeadModulo) ? head_ % problem_.kv_heads : head_ / group;
  position_ = offset_ + m_ * bq_;
  rows_ = std::min(bq_, problem_.q_len - m_ * bq_);
  first_diagonal_ = position_ / bk_;
  end_diagonal_ = (position_ + rows_ - 1) / bk_ + 1;
  if (is(Mutation::kOneDiagonalTile)) first_diagonal_ = end_diagonal_ - 1;
  end_visible_ = problem_.causal != 0 ? end_diagonal_ : k_blocks_;
  if (is(Mutation::kRaggedTileMissed)) {
    end_visible_ = std::min(end_visible_, problem_.kv_len / bk_);
  }
  have_previous_ = previous_skipped_ = false;
  running_tile_max_ = -plain::kInfinity;
  for (std::int64_t i = Team::first(); i < bq_; i += Team::size()) {
    t_.max[i] = -plain::kInfinity;
    t_.sum[i] = 0.0F;
    std::fill(t_.o + i * dim_, t_.o + (i + 1) * dim_, 0.0F);
  }
  load_queries();
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::visit(std::int64_t n) {
  load_keys(n);
  Team::meet();
  score(n);
  Team::meet();
  const float tile_max = tile_maximum(n);
  Team::meet();
  const bool diagonal = n >= first_diagonal_ && n < end_diagonal_;
  const bool gated = !diagonal || is(Mutation::kDiagonalGated);
  const bool skipped = gated && problem_.gate_kind == BSFA_GATE_ABSOLUTE && !keeps(tile_max);
  report(n, skipped ? BSFA_TILE_SKIPPED : diagonal ? BSFA_TILE_DIAGONAL : BSFA_TILE_KEPT, tile_max);

  const bool left_out = is(Mutation::kKeptTileNotComputed) && !diagonal && n == 0;
  if (left_out || (skipped && !is(Mutation::kDenseUnderSparseMask))) {
    if (is(Mutation::kSkippedInDenominator)) softmax(true);
    if (is(Mutation::kSkippedRaisesMaximum)) raise_maximum();
    if (is(Mutation::kSkippedTimesZero)) {
      clear_scores();
      add_values(n);
    }
  } else {
    softmax(false);
    add_values(value_block(n));
  }
  Team::meet();
  previous_skipped_ = skipped;
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::add_values(std::int64_t n) {
  load_values(n);
  Team::meet();
  dim_ == 64 ? multiply_values<64>() : multiply_values<128>();
}

/// The K block whose V a kept tile is multiplied with.
template <typename Team>
BSFA_MUTANT_CODE std::int64_t PlainAttention<Team>::value_block(std::int64_t n) const {
  if (is(Mutation::kValuesOfNextTile)) return n + 1 < k_blocks_ ? n + 1 : 0;
  if (is(Mutation::kValuesStaleAfterSkip) && previous_skipped_) return n - 1;
  return n;
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::load_queries() {
  for (std::int64_t i = Team::first(); i < bq_; i += Team::size()) {
    float* to = t_.q + i * dim_;
    std::fill(to, to + dim_, 0.0F);
    if (i >= rows_) continue;
    const auto* row =
        plain::element<const std::uint16_t>(arguments_.q, batch_, head_, m_ * bq_ + i);
    for (std::int64_t d = 0; d < dim_; ++d) to[d] = plain::decode(row[d], half_);
    if (!is(Mutation::kScaledQueryRounded)) continue;
    for (std::int64_t d = 0; d < dim_; ++d) to[d] = round(to[d] * scale_);
  }
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::load_keys(std::int64_t n) {
  const std::int64_t columns = std::min(bk_, problem_.kv_len - n * bk_);
  bsfa_tensor k = arguments_.k;
  if (is(Mutation::kBatchStrideOfHead)) k.stride[0] = k.stride[1];
  for (std::int64_t j = Team::first(); j < bk_; j += Team::size()) {
    const auto* column = plain::element<const std::uint16_t>(k, batch_, kv_head_, n * bk_ + j);
    for (std::int64_t d = 0; d < dim_; ++d) {
      t_.keys[d * bk_ + j] = j < columns ? plain::decode(column[d], half_) : 0.0F;
    }
  }
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::load_values(std::int64_t n) {
  const std::int64_t columns = std::min(bk_, problem_.kv_len - n * bk_);
  const std::int64_t head = is(Mutation::kValueHeadModulo) ? head_ % problem_.kv_heads : kv_head_;
  for (std::int64_t j = Team::first(); j < bk_; j += Team::size()) {
    const auto* row = plain::element<const std::uint16_t>(arguments_.v, batch_, head, n * bk_ + j);
    for (std::int64_t d = 0; d < dim_; ++d) {
      t_.values[j * dim_ + d] = j < columns ? plain::decode(row[d], half_) : 0.0F;
    }
  }
}

template <typename Team>
template <std::size_t kColumns>
BSFA_MUTANT_CODE void PlainAttention<Team>::multiply_keys() {
  const float scale = is(Mutation::kScaledQueryRounded) ? 1.0F : scale_;
  for (std::int64_t i = Team::first(); i < bq_; i += Team::size()) {
    float sums[kColumns] = {};
    const float* q = t_.q + i * dim_;
    for (std::int64_t d = 0; d < dim_; ++d) {
      const float* k = t_.keys + d * bk_;
      for (std::size_t j = 0; j < kColumns; ++j) sums[j] += q[d] * k[j];
    }
    float* s = t_.s + i * bk_;
    for (std::size_t j = 0; j < kColumns; ++j) s[j] = sums[j] * scale;
  }
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::score(std::int64_t n) {
  bk_ == 64 ? multiply_keys<64>() : multiply_keys<128>();
  if (is(Mutation::kMaskedEntriesInDiagonalMaximum)) {
    Team::meet();
    unmasked_max_ = maximum_over(rows_, false);
    Team::meet();
  }
  mask_scores(n);
}

/// Columns of tile n that a row of the block takes part in: those before the returned one.
template <typename Team>
BSFA_MUTANT_CODE std::int64_t PlainAttention<Team>::columns_seen(std::int64_t row,
                                                                 std::int64_t n) const {
  std::int64_t end = problem_.kv_len;
  if (is(Mutation::kRaggedTileUnmasked)) end = k_blocks_ * bk_;
  const bool masked = !is(Mutation::kOnlyLastTileMasked) || n == end_diagonal_ - 1;
  if (problem_.causal != 0 && masked) {
    std::int64_t seen = position_ + row + 1;
    if (is(Mutation::kDiagonalSeesNext)) ++seen;
    if (is(Mutation::kDiagonalMissesSelf)) --seen;
    end = std::min(end, seen);
  }
  const std::int64_t in_tile = end - n * bk_;
  return in_tile < 0 ? 0 : in_tile < bk_ ? in_tile : bk_;
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::mask_scores(std::int64_t n) {
  for (std::int64_t i = Team::first(); i < rows_; i += Team::size()) {
    float* s = t_.s + i * bk_;
    for (std::int64_t j = columns_seen(i, n); j < bk_; ++j) s[j] = -plain::kInfinity;
  }
}

template <typename Team>
BSFA_MUTANT_CODE float PlainAttention<Team>::maximum_over(std::int64_t rows,
                                                          bool fmax_drops_nan) const {
  float largest = -plain::kInfinity;
  for (std::int64_t i = 0; i < rows * bk_; ++i) {
    const float s = t_.s[i];
    largest = fmax_drops_nan ? ::fmaxf(largest, s) : plain::maximum(largest, s);
  }
  return largest;
}

template <typename Team>
BSFA_MUTANT_CODE float PlainAttention<Team>::tile_maximum(std::int64_t n) const {
  const bool diagonal = n >= first_diagonal_ && n < end_diagonal_;
  if (is(Mutation::kMaskedEntriesInDiagonalMaximum) && diagonal) return unmasked_max_;
  const std::int64_t rows =
      is(Mutation::kMaximumOverHalfTheRows) ? std::min(rows_, bq_ / 2) : rows_;
  const float largest = maximum_over(rows, is(Mutation::kMaximumIgnoresNan));
  const bool padded_columns =
      is(Mutation::kPaddedColumnsInMaximum) && (n + 1) * bk_ > problem_.kv_len;
  const bool padded_rows = is(Mutation::kPaddedRowsInMaximum) && rows_ < bq_;
  const bool from_zero = is(Mutation::kMaximumStartsAtZero) || padded_columns || padded_rows;
  return from_zero ? plain::maximum(largest, 0.0F) : largest;
}

template <typename Team>
BSFA_MUTANT_CODE float PlainAttention<Team>::threshold() const {
  const std::int64_t blocks = arguments_.threshold_blocks;
  std::int64_t index = position_ / bq_;
  if (is(Mutation::kThresholdByKBlock)) index = position_ / 64;
  if (is(Mutation::kThresholdByChunk)) index = m_;
  index = is(Mutation::kThresholdWraps) ? index % blocks : std::min(index, blocks - 1);
  const std::int64_t head = is(Mutation::kThresholdOfFirstHead) ? 0 : head_;
  return *plain::element<const float>(arguments_.thresholds, batch_, head, index);
}

/// Whether an off-diagonal tile is kept. Called for every one, in the order of visits.
template <typename Team>
BSFA_MUTANT_CODE bool PlainAttention<Team>::keeps(float tile_max) {
  float judged = tile_max;
  if (is(Mutation::kDecisionOfNeighbour) && have_previous_) judged = previous_max_;
  if (is(Mutation::kDecisionOnRunningMaximum)) {
    judged = running_tile_max_ = plain::maximum(running_tile_max_, tile_max);
  }
  previous_max_ = tile_max;
  have_previous_ = true;
  if (is(Mutation::kRawScores)) judged /= scale_;
  if (is(Mutation::kLog2Scores)) judged *= plain::kLog2e;

  const float tau = threshold();
  if (judged != judged) return !is(Mutation::kNanTileDropped);
  if (tau == plain::kInfinity && !is(Mutation::kInfiniteThresholdKeepsInfinity)) return false;
  return is(Mutation::kStrictlyGreater) ? judged > tau : judged >= tau;
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::report(std::int64_t n, int code, float tile_max) {
  if (Team::first() != 0) return;
  if (is(Mutation::kTileMaxRounded)) tile_max = round(tile_max);
  if (is(Mutation::kLog2Scores)) tile_max *= plain::kLog2e;
  if (arguments_.tile_max.data != nullptr) {
    plain::element<float>(arguments_.tile_max, batch_, head_, m_)[n] = tile_max;
  }
  if (arguments_.mask.data == nullptr) return;
  const bool transposed = is(Mutation::kMaskTransposed) && q_blocks_ == k_blocks_;
  plain::element<std::uint8_t>(arguments_.mask, batch_, head_,
                               transposed ? n : m_)[transposed ? m_ : n] =
      static_cast<std::uint8_t>(code);
}

}  // namespace bsfa::test
