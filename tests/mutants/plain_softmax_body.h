// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include <math.h>

#include "tests/mutants/plain_attention.h"
#include "tests/mutants/rounding.h"

namespace bsfa::test {
namespace plain {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLog2e = 1.44269504088896340736F;

/// The largest of a row of scores and of `start`, NaN if any is.
BSFA_MUTANT_CODE inline float row_maximum(float start, const float* s, std::int64_t count) {
  float largest = start;
  bool nan = start != start;
  for (std::int64_t j = 0; j < count; ++j) {
    largest = s[j] > largest ? s[j] : largest;
    nan |= s[j] != s[j];
  }
  return nan ? std::numeric_limits<float>::quiet_NaN() : largest;
}

}  // namespace plain

/// Turns a row of scores into unrounded probabilities against the new running maximum, adds them to
/// the denominator and returns the factor that what was accumulated before must shrink by.
template <typename Team>
BSFA_MUTANT_CODE float PlainAttention<Team>::update_row(std::int64_t row, float* p) {
  float& running = t_.max[row];
  float& sum = t_.sum[row];
  const float now = plain::row_maximum(running, p, bk_);
  // Nothing but -inf so far: -inf - -inf would be NaN where the row is merely empty.
  const float subtracted = now == -plain::kInfinity ? 0.0F : now;
  const bool base2 = is(Mutation::kExp2WithoutLog2e);
  const float factor = base2 ? ::exp2f(running - subtracted) : ::expf(running - subtracted);
  float added = 0.0F;
  for (std::int64_t j = 0; j < bk_; ++j) {
    p[j] = base2 ? ::exp2f(p[j] - subtracted) : ::expf(p[j] - subtracted);
    added += p[j];
  }
  running = now;
  const bool keep_sum = is(Mutation::kNothingRescaled) || is(Mutation::kSumNotRescaled);
  sum = sum * (keep_sum ? 1.0F : factor) + added;
  const bool keep_output = is(Mutation::kNothingRescaled) || is(Mutation::kOutputNotRescaled);
  return keep_output ? 1.0F : factor;
}

/// Replaces the tile's scores by P, rescaling O on the way.
template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::softmax(bool only_denominator) {
  for (std::int64_t i = Team::first(); i < rows_; i += Team::size()) {
    float* p = t_.s + i * bk_;
    const float factor = update_row(i, p);
    float* o = t_.o + i * dim_;
    for (std::int64_t d = 0; d < dim_; ++d) o[d] *= factor;
    if (only_denominator) continue;
    for (std::int64_t j = 0; j < bk_; ++j) p[j] = round(p[j]);
  }
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::clear_scores() {
  for (std::int64_t i = Team::first(); i < bq_; i += Team::size()) {
    for (std::int64_t j = 0; j < bk_; ++j) t_.s[i * bk_ + j] = 0.0F;
  }
}

/// What a kernel does that takes the row maximum before it decides: harmless, for O and l shrink by
/// the same factor.
template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::raise_maximum() {
  for (std::int64_t i = Team::first(); i < rows_; i += Team::size()) {
    float& running = t_.max[i];
    const float now = plain::row_maximum(running, t_.s + i * bk_, bk_);
    const float factor = now == -plain::kInfinity ? 1.0F : ::expf(running - now);
    running = now;
    t_.sum[i] *= factor;
    float* o = t_.o + i * dim_;
    for (std::int64_t d = 0; d < dim_; ++d) o[d] *= factor;
  }
}

template <typename Team>
template <std::size_t kDim>
BSFA_MUTANT_CODE void PlainAttention<Team>::multiply_values() {
  constexpr std::int64_t kStep = 16;  // columns that a matrix instruction takes at once
  const bool half = is(Mutation::kHalfAccumulation);
  for (std::int64_t i = Team::first(); i < rows_; i += Team::size()) {
    float* o = t_.o + i * dim_;
    const float* p = t_.s + i * bk_;
    float sums[kDim];
    for (std::size_t d = 0; d < kDim; ++d) sums[d] = o[d];
    for (std::int64_t j = 0; j < bk_; ++j) {
      const float* v = t_.values + j * dim_;
      for (std::size_t d = 0; d < kDim; ++d) sums[d] += p[j] * v[d];
      if (half && (j + 1) % kStep == 0) {
        for (float& x : sums) x = round_fp16(x);
      }
    }
    for (std::size_t d = 0; d < kDim; ++d) o[d] = sums[d];
  }
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::store() {
  for (std::int64_t i = Team::first(); i < rows_; i += Team::size()) store_row(i);
  const bool last =
      batch_ == problem_.batch - 1 && head_ == problem_.heads - 1 && m_ == q_blocks_ - 1;
  // Past the end of all: past that of another head they would race with its own first rows.
  const bool beyond = last && is(Mutation::kLsePastEnd);
  for (std::int64_t i = Team::first(); i < (beyond ? bq_ : rows_); i += Team::size()) store_lse(i);
  if (last && is(Mutation::kOutputPastEnd) && Team::first() == 0) output_row(rows_)[0] = 0;
}

template <typename Team>
BSFA_MUTANT_CODE std::uint16_t* PlainAttention<Team>::output_row(std::int64_t row) const {
  const bsfa_tensor& o = arguments_.o;
  return static_cast<std::uint16_t*>(o.data) +
         (batch_ * o.stride[0] + head_ * o.stride[1] + (m_ * bq_ + row) * o.stride[2]);
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::store_row(std::int64_t row) {
  if (arguments_.o.data == nullptr) return;
  if (is(Mutation::kRowUnwritten) && m_ * bq_ + row == problem_.q_len - 1) return;
  std::int64_t target = row;
  if (is(Mutation::kRowsSwapped) && rows_ > 8 && (row == 0 || row == 8)) target = 8 - row;

  const float sum = t_.sum[row];
  const bool empty = sum == 0.0F && !is(Mutation::kEmptyRowDividesByZero);
  const bool zeroed = sum != sum && is(Mutation::kNanRowIsZero);
  const float* o = t_.o + row * dim_;
  std::uint16_t* out = output_row(target);
  for (std::int64_t d = 0; d < dim_; ++d) {
    const float x = round(empty || zeroed ? 0.0F : o[d] / sum);
    out[d] = half_ ? encode_fp16(x) : encode_bf16(x);
  }
}

template <typename Team>
BSFA_MUTANT_CODE void PlainAttention<Team>::store_lse(std::int64_t row) {
  if (arguments_.lse.data == nullptr) return;
  const float log_sum = ::logf(t_.sum[row]);
  float lse = t_.sum[row] == 0.0F ? -plain::kInfinity : t_.max[row] + log_sum;
  if (is(Mutation::kLseWithoutMaximum)) lse = log_sum;
  if (is(Mutation::kLseInLog2)) lse *= plain::kLog2e;
  if (is(Mutation::kLseRounded)) lse = round(lse);
  const bsfa_tensor& out = arguments_.lse;
  static_cast<float*>(
      out.data)[batch_ * out.stride[0] + head_ * out.stride[1] + (m_ * bq_ + row) * out.stride[2]] =
      lse;
}

}  // namespace bsfa::test
