// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bsfa::core {

/// Element types that files hold. Attention inputs are kFloat16 or kBfloat16 (kFloat32 is rounded
/// to one of them when it is read); thresholds and statistics are kFloat32.
enum class Dtype : std::uint8_t {
  kFloat16,
  kBfloat16,
  kFloat32,
  kFloat64,
  kBool,
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kUint64,
  kInt64,
};

/// Bytes of one element.
std::size_t size_of(Dtype dtype) noexcept;

/// "fp16", "bf16", "fp32", "fp64", "bool", "u8", "i8", ... as shown to people.
std::string_view name_of(Dtype dtype) noexcept;

/// Unit roundoff: 2^-11 for fp16, 2^-8 for bf16, 2^-24 for fp32, 2^-53 for fp64, 0 for integers.
double unit_roundoff(Dtype dtype) noexcept;

}  // namespace bsfa::core
