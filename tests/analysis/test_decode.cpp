// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>

#include "analysis/decode.h"

namespace bsfa::analysis {
namespace {

/// IEEE 754 by its definition: sign, exponent and fraction as numbers.
double by_definition(std::uint16_t bits, int exponent_bits, int fraction_bits) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1);
  const int fraction = bits & ((1 << fraction_bits) - 1);
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == (1 << exponent_bits) - 1) return fraction == 0 ? sign * HUGE_VAL : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - fraction_bits);
  return sign * std::ldexp((1 << fraction_bits) + fraction, exponent - bias - fraction_bits);
}

int wrong_patterns(float (*decode)(std::uint16_t), int exponent_bits, int fraction_bits) {
  int wrong = 0;
  for (int i = 0; i < 65536; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    const double expected = by_definition(bits, exponent_bits, fraction_bits);
    const auto got = static_cast<double>(decode(bits));
    const bool same = std::isnan(expected)
                          ? std::isnan(got)
                          : got == expected && std::signbit(got) == std::signbit(expected);
    if (!same) ++wrong;
  }
  return wrong;
}

}  // namespace

TEST_CASE("every fp16 pattern decodes to its value by definition") {
  CHECK(wrong_patterns(decode_fp16, 5, 10) == 0);
}

TEST_CASE("every bf16 pattern decodes to its value by definition") {
  CHECK(wrong_patterns(decode_bf16, 8, 7) == 0);
}

TEST_CASE("well-known fp16 patterns are what everybody knows") {
  CHECK(decode_fp16(0x3C00) == 1.0F);
  CHECK(decode_fp16(0xC000) == -2.0F);
  CHECK(decode_fp16(0x7BFF) == 65504.0F);
  CHECK(decode_fp16(0x0001) == 0x1p-24F);
  CHECK(decode_fp16(0x0400) == 0x1p-14F);
  CHECK(std::signbit(decode_fp16(0x8000)));
}

}  // namespace bsfa::analysis
