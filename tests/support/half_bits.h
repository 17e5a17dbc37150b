// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/dtype.h"

namespace bsfa::test {

/// The value that fp16 or bf16 bits stand for.
inline double half_value(std::uint16_t bits, core::Dtype dtype) {
  if (dtype == core::Dtype::kBfloat16) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  }
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31) {
    return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  }
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

/// Rounds to nearest even; overflow becomes infinity.
inline std::uint16_t half_bits(double value, core::Dtype dtype) {
  const bool brain = dtype == core::Dtype::kBfloat16;
  const int fraction_bits = brain ? 7 : 10;
  const int lowest = brain ? -126 : -14;
  const int bias = brain ? 127 : 15;
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const auto infinity = static_cast<std::uint16_t>((2 * bias + 1) << fraction_bits);
  if (std::isnan(value)) return static_cast<std::uint16_t>(infinity | 1U << (fraction_bits - 1));
  if (std::isinf(value)) return static_cast<std::uint16_t>(sign | infinity);
  if (value == 0.0) return sign;
  const int exponent = std::max(std::ilogb(value), lowest);
  const auto fraction =
      static_cast<int>(std::nearbyint(std::ldexp(std::fabs(value), fraction_bits - exponent)));
  // A fraction that rounds up to the next power of two carries into the exponent field.
  const int field = fraction + ((exponent + bias - 1) << fraction_bits);
  return static_cast<std::uint16_t>(sign | std::min<int>(field, infinity));
}

}  // namespace bsfa::test
