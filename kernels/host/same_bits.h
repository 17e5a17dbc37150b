// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>

namespace bsfa::kernels {

/// Equality of representations: a NaN equals itself, and -0 differs from 0.
template <typename T>
bool same_bits(const T& a, const T& b) noexcept {
  using Bytes = std::array<std::byte, sizeof(T)>;
  return std::bit_cast<Bytes>(a) == std::bit_cast<Bytes>(b);
}

}  // namespace bsfa::kernels
