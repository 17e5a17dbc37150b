// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/dtype.h"

namespace bsfa::io {

/// Rounds to nearest even, to fp16 or bf16 bits; overflow becomes infinity, NaN stays NaN.
std::uint16_t to_half_bits(float value, core::Dtype dtype);
float from_half_bits(std::uint16_t bits, core::Dtype dtype);

/// The same for whole arrays of equal length.
void to_half_bits(std::span<const float> from, std::span<std::uint16_t> to, core::Dtype dtype);
void from_half_bits(std::span<const std::uint16_t> from, std::span<float> to, core::Dtype dtype);

}  // namespace bsfa::io
