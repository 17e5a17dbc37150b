// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/mutants/plain_attention.h"
#include "tests/mutants/rounding.h"

namespace bsfa::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLog2e = 1.44269504088896340736F;

/// The largest of a row of scores and of `start`, NaN if any is.
float row_maximum(float start, const float* s, std::int64_t count) {
  float largest = start;
  bool nan = std::isnan(start);
  for (std::int64_t j = 0; j < count; ++j) {
    largest = s[j] > largest ? s[j] : largest;
    nan |= s[j] != s[j];
  }
  return nan ? std::numeric_limits<float>::quiet_NaN() : largest;
}

}  // namespace

/// Turns a row of scores into unrounded probabilities against the new running maximum, adds them to
/// the denominator and returns the factor that what was accumulated before must shrink by.
float PlainAttention::update_row(std::int64_t row, float* p) {
  float& running = max_[static_cast<std::size_t>(row)];
  float& sum = sum_[static_cast<std::size_t>(row)];
  const float now = row_maximum(running, p, bk_);
  // Nothing but -inf so far: -inf - -inf would be NaN where the row is merely empty.
  const float subtracted = now == -kInfinity ? 0.0F : now;
  const bool base2 = is(Mutation::kExp2WithoutLog2e);
  const float factor = base2 ? std::exp2(running - subtracted) : std::exp(running - subtracted);
  float added = 0.0F;
  for (std::int64_t j = 0; j < bk_; ++j) {
    p[j] = base2 ? std::exp2(p[j] - subtracted) : std::exp(p[j] - subtracted);
    added += p[j];
  }
  running = now;
  const bool keep_sum = is(Mutation::kNothingRescaled) || is(Mutation::kSumNotRescaled);
  sum = sum * (keep_sum ? 1.0F : factor) + added;
  const bool keep_output = is(Mutation::kNothingRescaled) || is(Mutation::kOutputNotRescaled);
  return keep_output ? 1.0F : factor;
}

/// Replaces the tile's scores by P, rescaling O on the way.
void PlainAttention::softmax(bool only_denominator) {
  for (std::int64_t i = 0; i < rows_; ++i) {
    float* p = &s_[static_cast<std::size_t>(i * bk_)];
    const float factor = update_row(i, p);
    float* o = &o_[static_cast<std::size_t>(i * dim_)];
    for (std::int64_t d = 0; d < dim_; ++d) o[d] *= factor;
    if (only_denominator) continue;
    for (std::int64_t j = 0; j < bk_; ++j) p[j] = round(p[j]);
  }
}

/// What a kernel does that takes the row maximum before it decides: harmless, for O and l shrink by
/// the same factor.
void PlainAttention::raise_maximum() {
  for (std::int64_t i = 0; i < rows_; ++i) {
    float& running = max_[static_cast<std::size_t>(i)];
    const float now = row_maximum(running, &s_[static_cast<std::size_t>(i * bk_)], bk_);
    const float factor = now == -kInfinity ? 1.0F : std::exp(running - now);
    running = now;
    sum_[static_cast<std::size_t>(i)] *= factor;
    float* o = &o_[static_cast<std::size_t>(i * dim_)];
    for (std::int64_t d = 0; d < dim_; ++d) o[d] *= factor;
  }
}

template <std::size_t kDim>
void PlainAttention::multiply_values() {
  constexpr std::int64_t kStep = 16;  // columns that a matrix instruction takes at once
  const bool half = is(Mutation::kHalfAccumulation);
  for (std::int64_t i = 0; i < rows_; ++i) {
    float* o = &o_[static_cast<std::size_t>(i) * kDim];
    const float* p = &s_[static_cast<std::size_t>(i * bk_)];
    float sums[kDim];
    std::copy(o, o + kDim, sums);
    for (std::int64_t j = 0; j < bk_; ++j) {
      const float* v = &values_[static_cast<std::size_t>(j) * kDim];
      for (std::size_t d = 0; d < kDim; ++d) sums[d] += p[j] * v[d];
      if (half && (j + 1) % kStep == 0) {
        for (float& x : sums) x = round_fp16(x);
      }
    }
    std::copy(sums, sums + kDim, o);
  }
}

template void PlainAttention::multiply_values<64>();
template void PlainAttention::multiply_values<128>();

void PlainAttention::store() {
  for (std::int64_t i = 0; i < rows_; ++i) store_row(i);
  const bool last =
      batch_ == problem_.batch - 1 && head_ == problem_.heads - 1 && m_ == q_blocks_ - 1;
  const bool beyond = is(Mutation::kLsePastEnd);
  for (std::int64_t i = 0; i < (beyond ? bq_ : rows_); ++i) store_lse(i);
  if (last && is(Mutation::kOutputPastEnd)) output_row(rows_)[0] = 0;
}

std::uint16_t* PlainAttention::output_row(std::int64_t row) const {
  const bsfa_tensor& o = arguments_.o;
  return static_cast<std::uint16_t*>(o.data) +
         (batch_ * o.stride[0] + head_ * o.stride[1] + (m_ * bq_ + row) * o.stride[2]);
}

void PlainAttention::store_row(std::int64_t row) {
  if (arguments_.o.data == nullptr) return;
  if (is(Mutation::kRowUnwritten) && m_ * bq_ + row == problem_.q_len - 1) return;
  std::int64_t target = row;
  if (is(Mutation::kRowsSwapped) && rows_ > 8 && (row == 0 || row == 8)) target = 8 - row;

  const float sum = sum_[static_cast<std::size_t>(row)];
  const bool empty = sum == 0.0F && !is(Mutation::kEmptyRowDividesByZero);
  const bool zeroed = std::isnan(sum) && is(Mutation::kNanRowIsZero);
  const float* o = &o_[static_cast<std::size_t>(row * dim_)];
  std::uint16_t* out = output_row(target);
  for (std::int64_t d = 0; d < dim_; ++d) {
    const float x = round(empty || zeroed ? 0.0F : o[d] / sum);
    out[d] = half_ ? encode_fp16(x) : encode_bf16(x);
  }
}

void PlainAttention::store_lse(std::int64_t row) {
  if (arguments_.lse.data == nullptr) return;
  const auto i = static_cast<std::size_t>(row);
  const float log_sum = std::log(sum_[i]);
  float lse = sum_[i] == 0.0F ? -kInfinity : max_[i] + log_sum;
  if (is(Mutation::kLseWithoutMaximum)) lse = log_sum;
  if (is(Mutation::kLseInLog2)) lse *= kLog2e;
  if (is(Mutation::kLseRounded)) lse = round(lse);
  const bsfa_tensor& out = arguments_.lse;
  static_cast<float*>(
      out.data)[batch_ * out.stride[0] + head_ * out.stride[1] + (m_ * bq_ + row) * out.stride[2]] =
      lse;
}

}  // namespace bsfa::test
