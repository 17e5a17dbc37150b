// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/plain_attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/mutants/rounding.h"

namespace bsfa::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLog2e = 1.44269504088896340736F;

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

template <typename T>
T* element(const bsfa_tensor& t, std::int64_t i, std::int64_t j, std::int64_t r) {
  return static_cast<T*>(t.data) + (i * t.stride[0] + j * t.stride[1] + r * t.stride[2]);
}

void decode(const std::uint16_t* from, float* to, std::int64_t count, bool half) {
  for (std::int64_t i = 0; i < count; ++i)
    to[i] = half ? decode_fp16(from[i]) : decode_bf16(from[i]);
}

/// The larger of two, NaN if either is.
float maximum(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<float>::quiet_NaN();
  return std::max(a, b);
}

}  // namespace

PlainAttention::PlainAttention(const bsfa_problem& problem, const bsfa_arguments& arguments,
                               Mutation mutation, bool reverse)
    : problem_(problem),
      arguments_(arguments),
      mutation_(mutation),
      reverse_(reverse || mutation == Mutation::kTilesInReverse),
      half_(problem.dtype_q == BSFA_FLOAT16),
      bq_(problem.gate_q_block),
      bk_(problem.gate_k_block),
      dim_(problem.head_dim),
      q_blocks_(ceil_div(problem.q_len, bq_)),
      k_blocks_(ceil_div(problem.kv_len, bk_)),
      offset_(mutation == Mutation::kAlignedTopLeft ? 0 : problem.kv_len - problem.q_len),
      scale_(mutation == Mutation::kScaleTwice ? problem.scale * problem.scale : problem.scale) {}

float PlainAttention::round(float x) const {
  return half_ ? round_fp16(x) : round_bf16(x);
}

void PlainAttention::compute(std::int64_t batch, std::int64_t head, std::int64_t q_block) {
  batch_ = batch;
  head_ = head;
  m_ = q_block;
  start_block();
  for (std::int64_t i = 0; i < end_visible_; ++i) visit(reverse_ ? end_visible_ - 1 - i : i);
  for (std::int64_t n = end_visible_; n < k_blocks_; ++n) report(n, BSFA_TILE_OUTSIDE, -kInfinity);
  store();
}

void PlainAttention::start_block() {
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
  running_tile_max_ = -kInfinity;
  max_.fill(-kInfinity);
  sum_.fill(0.0F);
  o_.fill(0.0F);
  load_queries();
}

void PlainAttention::visit(std::int64_t n) {
  load_keys(n);
  score(n);
  const float tile_max = tile_maximum(n);
  const bool diagonal = n >= first_diagonal_ && n < end_diagonal_;
  const bool gated = !diagonal || is(Mutation::kDiagonalGated);
  const bool skipped = gated && problem_.gate_kind == BSFA_GATE_ABSOLUTE && !keeps(tile_max);
  report(n, skipped ? BSFA_TILE_SKIPPED : diagonal ? BSFA_TILE_DIAGONAL : BSFA_TILE_KEPT, tile_max);

  const bool left_out = is(Mutation::kKeptTileNotComputed) && !diagonal && n == 0;
  if (left_out || (skipped && !is(Mutation::kDenseUnderSparseMask))) {
    if (is(Mutation::kSkippedInDenominator)) softmax(true);
    if (is(Mutation::kSkippedRaisesMaximum)) raise_maximum();
    if (is(Mutation::kSkippedTimesZero)) {
      s_.fill(0.0F);
      load_values(n);
      dim_ == 64 ? multiply_values<64>() : multiply_values<128>();
    }
  } else {
    load_values(value_block(n));
    softmax(false);
    dim_ == 64 ? multiply_values<64>() : multiply_values<128>();
  }
  previous_skipped_ = skipped;
}

/// The K block whose V a kept tile is multiplied with.
std::int64_t PlainAttention::value_block(std::int64_t n) const {
  if (is(Mutation::kValuesOfNextTile)) return n + 1 < k_blocks_ ? n + 1 : 0;
  if (is(Mutation::kValuesStaleAfterSkip) && previous_skipped_) return n - 1;
  return n;
}

void PlainAttention::load_queries() {
  q_.fill(0.0F);
  for (std::int64_t i = 0; i < rows_; ++i) {
    decode(element<const std::uint16_t>(arguments_.q, batch_, head_, m_ * bq_ + i),
           &q_[static_cast<std::size_t>(i * dim_)], dim_, half_);
  }
  if (is(Mutation::kScaledQueryRounded)) {
    for (float& x : q_) x = round(x * scale_);
  }
}

void PlainAttention::load_keys(std::int64_t n) {
  const std::int64_t columns = std::min(bk_, problem_.kv_len - n * bk_);
  bsfa_tensor k = arguments_.k;
  if (is(Mutation::kBatchStrideOfHead)) k.stride[0] = k.stride[1];
  std::array<float, kMaxDim> column;
  keys_.fill(0.0F);
  for (std::int64_t j = 0; j < columns; ++j) {
    decode(element<const std::uint16_t>(k, batch_, kv_head_, n * bk_ + j), column.data(), dim_,
           half_);
    for (std::int64_t d = 0; d < dim_; ++d)
      keys_[static_cast<std::size_t>(d * bk_ + j)] = column[static_cast<std::size_t>(d)];
  }
}

void PlainAttention::load_values(std::int64_t n) {
  const std::int64_t columns = std::min(bk_, problem_.kv_len - n * bk_);
  const std::int64_t head = is(Mutation::kValueHeadModulo) ? head_ % problem_.kv_heads : kv_head_;
  values_.fill(0.0F);
  for (std::int64_t j = 0; j < columns; ++j) {
    decode(element<const std::uint16_t>(arguments_.v, batch_, head, n * bk_ + j),
           &values_[static_cast<std::size_t>(j * dim_)], dim_, half_);
  }
}

template <std::size_t kColumns>
void PlainAttention::multiply_keys() {
  const float scale = is(Mutation::kScaledQueryRounded) ? 1.0F : scale_;
  for (std::int64_t i = 0; i < bq_; ++i) {
    float sums[kColumns] = {};
    const float* q = &q_[static_cast<std::size_t>(i * dim_)];
    for (std::int64_t d = 0; d < dim_; ++d) {
      const float* k = &keys_[static_cast<std::size_t>(d) * kColumns];
      for (std::size_t j = 0; j < kColumns; ++j) sums[j] += q[d] * k[j];
    }
    float* s = &s_[static_cast<std::size_t>(i) * kColumns];
    for (std::size_t j = 0; j < kColumns; ++j) s[j] = sums[j] * scale;
  }
}

void PlainAttention::score(std::int64_t n) {
  bk_ == 64 ? multiply_keys<64>() : multiply_keys<128>();
  if (is(Mutation::kMaskedEntriesInDiagonalMaximum)) unmasked_max_ = maximum_over(rows_, false);
  mask_scores(n);
}

/// Columns of tile n that a row of the block takes part in: those before the returned one.
std::int64_t PlainAttention::columns_seen(std::int64_t row, std::int64_t n) const {
  std::int64_t end = problem_.kv_len;
  if (is(Mutation::kRaggedTileUnmasked)) end = k_blocks_ * bk_;
  const bool masked = !is(Mutation::kOnlyLastTileMasked) || n == end_diagonal_ - 1;
  if (problem_.causal != 0 && masked) {
    std::int64_t seen = position_ + row + 1;
    if (is(Mutation::kDiagonalSeesNext)) ++seen;
    if (is(Mutation::kDiagonalMissesSelf)) --seen;
    end = std::min(end, seen);
  }
  return std::clamp(end - n * bk_, std::int64_t{0}, bk_);
}

void PlainAttention::mask_scores(std::int64_t n) {
  for (std::int64_t i = 0; i < rows_; ++i) {
    float* s = &s_[static_cast<std::size_t>(i * bk_)];
    std::fill(s + columns_seen(i, n), s + bk_, -kInfinity);
  }
}

float PlainAttention::maximum_over(std::int64_t rows, bool fmax_drops_nan) const {
  float largest = -kInfinity;
  for (std::int64_t i = 0; i < rows * bk_; ++i) {
    const float s = s_[static_cast<std::size_t>(i)];
    largest = fmax_drops_nan ? std::fmax(largest, s) : maximum(largest, s);
  }
  return largest;
}

float PlainAttention::tile_maximum(std::int64_t n) const {
  const bool diagonal = n >= first_diagonal_ && n < end_diagonal_;
  if (is(Mutation::kMaskedEntriesInDiagonalMaximum) && diagonal) return unmasked_max_;
  const std::int64_t rows =
      is(Mutation::kMaximumOverHalfTheRows) ? std::min(rows_, bq_ / 2) : rows_;
  const float largest = maximum_over(rows, is(Mutation::kMaximumIgnoresNan));
  const bool padded_columns =
      is(Mutation::kPaddedColumnsInMaximum) && (n + 1) * bk_ > problem_.kv_len;
  const bool padded_rows = is(Mutation::kPaddedRowsInMaximum) && rows_ < bq_;
  const bool from_zero = is(Mutation::kMaximumStartsAtZero) || padded_columns || padded_rows;
  return from_zero ? maximum(largest, 0.0F) : largest;
}

float PlainAttention::threshold() const {
  const std::int64_t blocks = arguments_.threshold_blocks;
  std::int64_t index = position_ / bq_;
  if (is(Mutation::kThresholdByKBlock)) index = position_ / 64;
  if (is(Mutation::kThresholdByChunk)) index = m_;
  index = is(Mutation::kThresholdWraps) ? index % blocks : std::min(index, blocks - 1);
  const std::int64_t head = is(Mutation::kThresholdOfFirstHead) ? 0 : head_;
  return *element<const float>(arguments_.thresholds, batch_, head, index);
}

/// Whether an off-diagonal tile is kept. Called for every one, in the order of visits.
bool PlainAttention::keeps(float tile_max) {
  float judged = tile_max;
  if (is(Mutation::kDecisionOfNeighbour) && have_previous_) judged = previous_max_;
  if (is(Mutation::kDecisionOnRunningMaximum)) {
    judged = running_tile_max_ = maximum(running_tile_max_, tile_max);
  }
  previous_max_ = tile_max;
  have_previous_ = true;
  if (is(Mutation::kRawScores)) judged /= scale_;
  if (is(Mutation::kLog2Scores)) judged *= kLog2e;

  const float tau = threshold();
  if (std::isnan(judged)) return !is(Mutation::kNanTileDropped);
  if (tau == kInfinity && !is(Mutation::kInfiniteThresholdKeepsInfinity)) return false;
  return is(Mutation::kStrictlyGreater) ? judged > tau : judged >= tau;
}

void PlainAttention::report(std::int64_t n, int code, float tile_max) {
  if (is(Mutation::kTileMaxRounded)) tile_max = round(tile_max);
  if (is(Mutation::kLog2Scores)) tile_max *= kLog2e;
  if (arguments_.tile_max.data != nullptr) {
    element<float>(arguments_.tile_max, batch_, head_, m_)[n] = tile_max;
  }
  if (arguments_.mask.data == nullptr) return;
  const bool transposed = is(Mutation::kMaskTransposed) && q_blocks_ == k_blocks_;
  element<std::uint8_t>(arguments_.mask, batch_, head_, transposed ? n : m_)[transposed ? m_ : n] =
      static_cast<std::uint8_t>(code);
}

}  // namespace bsfa::test
