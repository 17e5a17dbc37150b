// SPDX-License-Identifier: Apache-2.0
#include "io/half.h"

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "core/random.h"

namespace bsfa::io {
namespace {

using core::Dtype;

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST_CASE("every fp16 and bf16 number survives the way to fp32 and back") {
  const Dtype dtype = GENERATE(Dtype::kFloat16, Dtype::kBfloat16);
  int nans = 0;
  for (std::uint32_t code = 0; code < 65536; ++code) {
    const auto bits = static_cast<std::uint16_t>(code);
    const float value = from_half_bits(bits, dtype);
    if (std::isnan(value)) {
      ++nans;
      REQUIRE(std::isnan(from_half_bits(to_half_bits(value, dtype), dtype)));
    } else {
      REQUIRE(to_half_bits(value, dtype) == bits);
    }
  }
  CHECK(nans == (dtype == Dtype::kFloat16 ? 2 * 1023 : 2 * 127));
}

TEST_CASE("fp16 and bf16 bits mean what their formats say") {
  CHECK(from_half_bits(0x3C00, Dtype::kFloat16) == 1.0F);
  CHECK(from_half_bits(0xC500, Dtype::kFloat16) == -5.0F);
  CHECK(from_half_bits(0x7BFF, Dtype::kFloat16) == 65504.0F);
  CHECK(from_half_bits(0x0001, Dtype::kFloat16) == 0x1p-24F);
  CHECK(from_half_bits(0x3F80, Dtype::kBfloat16) == 1.0F);
  CHECK(from_half_bits(0x4049, Dtype::kBfloat16) == 3.140625F);
}

TEST_CASE("a value half way between two neighbours goes to the even one") {
  const Dtype dtype = GENERATE(Dtype::kFloat16, Dtype::kBfloat16);
  const std::uint32_t largest = dtype == Dtype::kFloat16 ? 0x7BFF : 0x7F7F;
  for (std::uint32_t code = 0; code < largest; ++code) {
    const auto low = static_cast<std::uint16_t>(code);
    const auto high = static_cast<std::uint16_t>(code + 1);
    const float a = from_half_bits(low, dtype);
    const float b = from_half_bits(high, dtype);
    const float middle = a + (b - a) / 2;
    REQUIRE(to_half_bits(middle, dtype) == (code % 2 == 0 ? low : high));
    REQUIRE(to_half_bits(std::nextafter(middle, -kInf), dtype) == low);
    REQUIRE(to_half_bits(std::nextafter(middle, kInf), dtype) == high);
    REQUIRE(to_half_bits(-middle, dtype) == (0x8000U | (code % 2 == 0 ? low : high)));
  }
}

TEST_CASE("what is too large becomes infinity and infinity stays") {
  CHECK(to_half_bits(65519.0F, Dtype::kFloat16) == 0x7BFF);
  CHECK(to_half_bits(65520.0F, Dtype::kFloat16) == 0x7C00);
  CHECK(to_half_bits(-1e30F, Dtype::kFloat16) == 0xFC00);
  CHECK(to_half_bits(std::numeric_limits<float>::max(), Dtype::kBfloat16) == 0x7F80);
  CHECK(to_half_bits(kInf, Dtype::kFloat16) == 0x7C00);
  CHECK(to_half_bits(-kInf, Dtype::kBfloat16) == 0xFF80);
}

TEST_CASE("arrays of any length convert as single values do") {
  const Dtype dtype = GENERATE(Dtype::kFloat16, Dtype::kBfloat16);
  core::SplitMix64 random(11);
  std::vector<float> values(4099);
  // Every kind of fp32 number: all exponents, NaN with payloads, subnormals.
  for (float& value : values)
    value = std::bit_cast<float>(static_cast<std::uint32_t>(random.next()));
  for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 31U, 4099U}) {
    const std::span<const float> some(values.data(), count);
    std::vector<std::uint16_t> bits(count);
    to_half_bits(some, bits, dtype);
    std::vector<float> back(count);
    from_half_bits(bits, back, dtype);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint16_t single = to_half_bits(values[i], dtype);
      if (std::isnan(values[i])) {
        REQUIRE(std::isnan(back[i]));
      } else {
        REQUIRE(bits[i] == single);
        REQUIRE(back[i] == from_half_bits(single, dtype));
      }
    }
  }
}

TEST_CASE("another dtype or arrays of different length are refused") {
  std::vector<float> values(4);
  std::vector<std::uint16_t> bits(3);
  CHECK_THROWS_AS(to_half_bits(1.0F, Dtype::kFloat32), std::invalid_argument);
  CHECK_THROWS_AS(to_half_bits(values, bits, Dtype::kFloat16), std::invalid_argument);
  CHECK_THROWS_AS(from_half_bits(bits, values, Dtype::kFloat16), std::invalid_argument);
}

}  // namespace
}  // namespace bsfa::io
