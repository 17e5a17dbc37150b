// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "core/tensor.h"

namespace bsfa::analysis {

/// The value of an IEEE 754 binary16 pattern, exactly.
constexpr float decode_fp16(std::uint16_t bits) noexcept {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {  // zero and subnormals: fraction · 2^-24, which a float holds exactly
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign == 0 ? magnitude : -magnitude;
  }
  const std::uint32_t wide = exponent == 0x1FU ? 0xFFU : exponent + (127U - 15U);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

/// The value of a bfloat16 pattern: the upper half of a float.
constexpr float decode_bf16(std::uint16_t bits) noexcept {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Rows of a kernel's O as doubles, whatever 16-bit or 32-bit type it was written in.
class RowReader {
 public:
  /// Errors  throws core::InvalidProblem where there is no data or the dtype is not fp16, bf16 or
  ///         fp32.
  explicit RowReader(const core::TensorView& tensor);

  /// Fills `row`, whose size is the number of channels wanted.
  void read(std::int64_t batch, std::int64_t head, std::int64_t i, std::span<double> row) const;

 private:
  core::TensorView tensor_;
};

}  // namespace bsfa::analysis
