// SPDX-License-Identifier: Apache-2.0
#include "io/generate_kinds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.h"
#include "io/gaussian.h"

namespace bsfa::io {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// What is drawn once per head; streams beyond the operands' own numbers.
enum Stream : std::uint64_t { kPlace = 16, kSigns = 17 };

core::SplitMix64 random_of(const Slab& slab, Stream stream) {
  return core::SplitMix64(derive_seed(slab.seed, {stream, static_cast<std::uint64_t>(slab.batch),
                                                  static_cast<std::uint64_t>(slab.kv_head())}));
}

std::int64_t below(core::SplitMix64& random, std::int64_t bound) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(bound)));
}

/// Puts one value at one place of every head of one operand.
void poison(const Slab& slab, Operand operand, float value) {
  if (slab.operand != operand) return;
  core::SplitMix64 random(derive_seed(slab.seed, {kPlace, static_cast<std::uint64_t>(slab.batch),
                                                  static_cast<std::uint64_t>(slab.head)}));
  const std::int64_t length = operand == Operand::kQ ? slab.problem.q_len : slab.problem.kv_len;
  const std::int64_t row = slab.find(below(random, length));
  const auto channel = static_cast<std::size_t>(below(random, slab.problem.head_dim));
  if (row >= 0) slab.row(row)[channel] = value;
}

/// Multiplies each channel by ±1, the same for Q and K of a key/value head.
void multiply_signs(const Slab& slab, std::span<float> row) {
  core::SplitMix64 random = random_of(slab, kSigns);
  std::uint64_t word = 0;
  for (std::size_t d = 0; d < row.size(); ++d) {
    if (d % 64 == 0) word = random.next();
    if ((word >> (d % 64) & 1U) != 0) row[d] = -row[d];
  }
}

/// 0.5 to 1, growing with |x|.
float squash(float x) {
  const float magnitude = std::abs(x);
  return 0.5F + 0.5F * magnitude / (1.0F + magnitude);
}

}  // namespace

void shape_gaussian(const Slab&) {}

void shape_needle(const Slab& slab) {
  if (slab.operand == Operand::kV) return;
  constexpr float kNeedleScore = 16.0F;
  const float amplitude =
      std::sqrt(kNeedleScore / (slab.problem.scale * static_cast<float>(slab.problem.head_dim)));
  core::SplitMix64 random = random_of(slab, kPlace);
  const std::int64_t needle = below(random, slab.problem.kv_len);
  for (std::int64_t i = 0; i < slab.rows; ++i) {
    const std::span<float> row = slab.row(i);
    const bool is_needle = slab.operand == Operand::kK && slab.position(i) == needle;
    if (slab.operand == Operand::kK && !is_needle) continue;
    // Every query carries the needle's direction on top of noise; the needle is nothing else.
    multiply_signs(slab, row);
    for (float& x : row) x = is_needle ? amplitude : x + amplitude;
    multiply_signs(slab, row);
  }
}

void shape_integers(const Slab& slab) {
  // Terciles of the normal distribution, so that -1, 0 and 1 are about equally frequent.
  constexpr float kTercile = 0.4307273F;
  for (float& x : slab.values) {
    x = slab.operand == Operand::kV
            ? std::nearbyint(2.0F * x)
            : static_cast<float>(x > kTercile) - static_cast<float>(x < -kTercile);
  }
}

void shape_nan_q(const Slab& slab) {
  poison(slab, Operand::kQ, std::numeric_limits<float>::quiet_NaN());
}
void shape_nan_k(const Slab& slab) {
  poison(slab, Operand::kK, std::numeric_limits<float>::quiet_NaN());
}
void shape_nan_v(const Slab& slab) {
  poison(slab, Operand::kV, std::numeric_limits<float>::quiet_NaN());
}
void shape_inf_q(const Slab& slab) {
  poison(slab, Operand::kQ, kInfinity);
}
void shape_inf_k(const Slab& slab) {
  poison(slab, Operand::kK, kInfinity);
}
void shape_inf_v(const Slab& slab) {
  poison(slab, Operand::kV, kInfinity);
}

void shape_negative_inf_k(const Slab& slab) {
  if (slab.operand == Operand::kV) return;
  const core::Problem& p = slab.problem;
  core::SplitMix64 random = random_of(slab, kPlace);
  const std::int64_t k_blocks = (p.kv_len + p.gate.k_block - 1) / p.gate.k_block;
  const std::int64_t block = below(random, k_blocks);
  for (std::int64_t i = 0; i < slab.rows; ++i) {
    if (slab.operand == Operand::kQ) {
      slab.row(i)[0] = 1.0F;
      continue;
    }
    // The first Q block's rows of a square causal problem then see nothing but -inf.
    const std::int64_t column = slab.position(i);
    if (column < p.gate.q_block || column / p.gate.k_block == block) slab.row(i)[0] = -kInfinity;
  }
}

void shape_all_equal(const Slab& slab) {
  if (slab.operand == Operand::kV) return;
  std::fill(slab.values.begin(), slab.values.end(), slab.operand == Operand::kQ ? 0.5F : 0.25F);
}

void shape_one_hot_row(const Slab& slab) {
  if (slab.operand != Operand::kQ) return;
  core::SplitMix64 random(derive_seed(slab.seed, {kPlace, static_cast<std::uint64_t>(slab.batch),
                                                  static_cast<std::uint64_t>(slab.head)}));
  const std::int64_t row = slab.find(below(random, slab.problem.q_len));
  if (row < 0) return;
  for (float& x : slab.row(row)) x *= 64.0F;
}

void shape_near_overflow(const Slab& slab) {
  if (slab.operand == Operand::kV) return;
  // scale·q·k = ±65504·f with f the product of the rows' shares (0.5 to 1), so that scores just fit
  // fp16 while the raw products do not.
  constexpr float kLargest = 65504.0F * 0.98F;
  const float amplitude =
      std::sqrt(kLargest / (slab.problem.scale * static_cast<float>(slab.problem.head_dim)));
  for (std::int64_t i = 0; i < slab.rows; ++i) {
    const std::span<float> row = slab.row(i);
    const float share = squash(row[0]);
    const bool negative = slab.operand == Operand::kK && row[1] < 0.0F;
    std::fill(row.begin(), row.end(), (negative ? -amplitude : amplitude) * share);
    multiply_signs(slab, row);
  }
}

void shape_all_negative(const Slab& slab) {
  if (slab.operand == Operand::kV) return;
  for (float& x : slab.values) x = slab.operand == Operand::kQ ? squash(x) : -squash(x);
}

}  // namespace bsfa::io
