// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace bsfa::reference {

// exp for softmax weights, written so that compilers vectorise loops over it: x = n·ln2 + r with
// |r| <= ln2/2, a Taylor polynomial for exp(r), and n added to the exponent bits. Arguments are
// differences from a maximum, so at most a rounding error above 0. Results that would be subnormal
// are 0, and so is exp(NaN): rows with NaN or +inf scores are marked by their maximum instead.

/// Within 1 ulp for -708 <= x <= 0.
inline double exp_of_difference(double x) noexcept {
  constexpr double kLog2E = 0x1.71547652b82fep+0;
  constexpr double kLn2High = 0x1.62e42fefa3800p-1;  // low bits zero: n·kLn2High is exact
  constexpr double kLn2Low = 0x1.ef35793c76730p-45;
  constexpr double kToInteger = 0x1.8p52;  // adding it rounds to an integer in the low bits
  const double shifted = x * kLog2E + kToInteger;
  const double n = shifted - kToInteger;
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  const auto bits = std::bit_cast<std::uint64_t>(p) + (std::bit_cast<std::uint64_t>(shifted) << 52);
  return x >= -708.0 ? std::bit_cast<double>(bits) : 0.0;
}

/// Within 1 ulp for -87 <= x <= 0.
inline float exp_of_difference(float x) noexcept {
  constexpr float kLog2E = 0x1.715476p+0F;
  constexpr float kLn2High = 0x1.62e400p-1F;
  constexpr float kLn2Low = 0x1.7f7d1cp-20F;
  constexpr float kToInteger = 0x1.8p23F;
  const float shifted = x * kLog2E + kToInteger;
  const float n = shifted - kToInteger;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  float p = 1.0F / 5040.0F;
  p = p * r + 1.0F / 720.0F;
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const auto bits = std::bit_cast<std::uint32_t>(p) + (std::bit_cast<std::uint32_t>(shifted) << 23);
  return x >= -87.0F ? std::bit_cast<float>(bits) : 0.0F;
}

}  // namespace bsfa::reference
