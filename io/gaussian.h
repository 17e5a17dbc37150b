// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

namespace bsfa::io {

/// A seed that depends on every number given, so that parts of a problem can be made in any order.
std::uint64_t derive_seed(std::uint64_t seed, std::initializer_list<std::uint64_t> path) noexcept;

/// Fills with independent standard normal values (Box-Muller). Only IEEE additions,
/// multiplications, divisions and square roots are used, never libm, so that the same seed gives
/// the same bits on every machine. Sizes must be even.
void fill_gaussian(std::span<float> values, std::uint64_t seed) noexcept;

/// A turn is 2^32 phases.
struct Rotation {
  float cosine, sine;
};
Rotation rotation(std::uint32_t phase) noexcept;

}  // namespace bsfa::io
