// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "tests/mutants/device_code.h"

namespace bsfa::test {

/// fp16 and bf16 as a kernel of its own sees them, apart from the conversions of the product, so
/// that a mistake there cannot hide on both sides. Branches are selects: loops over these
/// vectorise.

BSFA_MUTANT_CODE inline float decode_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

BSFA_MUTANT_CODE inline float decode_fp16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t magnitude = (bits & 0x7FFFU) << 13;
  const bool special = (bits & 0x7C00U) == 0x7C00U;
  const float finite = std::bit_cast<float>(magnitude) * 0x1p112F;
  const std::uint32_t value =
      special ? magnitude | 0x7F800000U : std::bit_cast<std::uint32_t>(finite);
  return std::bit_cast<float>(sign | value);
}

BSFA_MUTANT_CODE inline float round_bf16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) & 0xFFFF0000U;
  return x != x ? x : std::bit_cast<float>(rounded);
}

BSFA_MUTANT_CODE inline float round_fp16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t cut = (bits + 0xFFFU + ((bits >> 13) & 1U)) & 0xFFFFE000U;
  const float normal = std::bit_cast<float>(cut);
  // Numbers in [0.5, 1) are 2^-24 apart, which is the spacing of fp16 below 2^-14.
  const float subnormal = (x + 0.75F) - 0.75F;
  const float rounded = ::fabsf(x) < 0x1p-14F ? subnormal : normal;
  const float limited = ::fabsf(rounded) > 65504.0F
                            ? ::copysignf(std::numeric_limits<float>::infinity(), x)
                            : rounded;
  return x != x ? x : limited;
}

/// Bits of a value that fp16 holds exactly.
BSFA_MUTANT_CODE inline std::uint16_t encode_fp16(float x) {
  const auto sign = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(x) >> 31 << 15);
  if (x != x) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (::fabsf(x) == std::numeric_limits<float>::infinity()) {
    return static_cast<std::uint16_t>(sign | 0x7C00U);
  }
  const auto scaled = std::bit_cast<std::uint32_t>(::fabsf(x) * 0x1p-112F);
  return static_cast<std::uint16_t>(sign | (scaled >> 13));
}

/// Bits of a value that bf16 holds exactly.
BSFA_MUTANT_CODE inline std::uint16_t encode_bf16(float x) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(x) >> 16);
}

}  // namespace bsfa::test
