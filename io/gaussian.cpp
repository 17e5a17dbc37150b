// SPDX-License-Identifier: Apache-2.0
// Compiled without contraction into fused multiply-adds: compilers choose differently where to
// fuse.
#include "io/gaussian.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "core/random.h"

namespace bsfa::io {
namespace {

/// log(x) for finite normal x > 0: x = 2^e·m with m in [2/3, 4/3), log m = 2·atanh((m-1)/(m+1)) by
/// its series, whose first omitted term is below 2^-24 of the result.
inline float logarithm(float x) noexcept {
  constexpr std::uint32_t kTwoThirds = 0x3F2AAAABU;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(x);
  const std::int32_t exponent = static_cast<std::int32_t>(bits - kTwoThirds) >> 23;
  const float m = std::bit_cast<float>(bits - (static_cast<std::uint32_t>(exponent) << 23U));
  const float s = (m - 1.0F) / (m + 1.0F);
  const float z = s * s;
  const float series =
      1.0F + z * (1.0F / 3 + z * (1.0F / 5 + z * (1.0F / 7 + z * (1.0F / 9 + z * (1.0F / 11)))));
  return 2.0F * s * series + static_cast<float>(exponent) * 0.693147180559945309F;
}

/// Taylor series on an eighth of a turn either side; the first omitted terms are below 2^-24.
inline Rotation rotate(std::uint32_t phase) noexcept {
  const std::uint32_t quarter = (phase + 0x20000000U) >> 30U;
  const auto remainder = static_cast<std::int32_t>(phase - (quarter << 30U));
  const float x = static_cast<float>(remainder) * (6.283185307179586477F * 0x1p-32F);
  const float z = x * x;
  const float sine =
      x * (1.0F + z * (-1.0F / 6 + z * (1.0F / 120 + z * (-1.0F / 5040 + z * (1.0F / 362880)))));
  const float cosine =
      1.0F + z * (-0.5F + z * (1.0F / 24 + z * (-1.0F / 720 + z * (1.0F / 40320))));
  const bool swap = (quarter & 1U) != 0;
  const float c = swap ? sine : cosine;
  const float s = swap ? cosine : sine;
  const bool negative_c = ((quarter + 1U) & 2U) != 0;
  const bool negative_s = (quarter & 2U) != 0;
  return {negative_c ? -c : c, negative_s ? -s : s};
}

}  // namespace

std::uint64_t derive_seed(std::uint64_t seed, std::initializer_list<std::uint64_t> path) noexcept {
  std::uint64_t state = core::SplitMix64(seed).next();
  for (const std::uint64_t step : path) state = core::SplitMix64(state ^ step).next();
  return state;
}

Rotation rotation(std::uint32_t phase) noexcept {
  return rotate(phase);
}

void fill_gaussian(std::span<float> values, std::uint64_t seed) noexcept {
  // In slices, each step a plain loop over arrays that the compiler turns into vector code.
  constexpr std::size_t kPairs = 256;
  std::array<std::uint32_t, kPairs> radius_bits;
  std::array<std::uint32_t, kPairs> phase;
  core::SplitMix64 random(seed);
  for (std::size_t begin = 0; begin < values.size(); begin += 2 * kPairs) {
    const std::size_t pairs = std::min(kPairs, (values.size() - begin) / 2);
    for (std::size_t i = 0; i < pairs; ++i) {
      const std::uint64_t word = random.next();
      radius_bits[i] = static_cast<std::uint32_t>(word >> 32U);
      phase[i] = static_cast<std::uint32_t>(word);
    }
    float* out = values.data() + begin;
    for (std::size_t i = 0; i < pairs; ++i) {
      // Halves first: the conversion from signed integers is the one that vector units have.
      const auto high = static_cast<float>(static_cast<std::int32_t>(radius_bits[i] >> 16U));
      const auto low = static_cast<float>(static_cast<std::int32_t>(radius_bits[i] & 0xFFFFU));
      const float uniform = high * 0x1p-16F + (low + 0.5F) * 0x1p-32F;
      const float radius = std::sqrt(std::max(-2.0F * logarithm(uniform), 0.0F));
      const Rotation turn = rotate(phase[i]);
      out[i] = radius * turn.cosine;
      out[pairs + i] = radius * turn.sine;
    }
  }
}

}  // namespace bsfa::io
