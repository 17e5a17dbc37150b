// SPDX-License-Identifier: Apache-2.0
#include "reference/rounding_bound.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bsfa::reference {
namespace {

constexpr double kFloatIntegers = 0x1p24;  // every integer up to here is a float

int lowest_bit_exponent(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = static_cast<int>((bits >> 52) & 0x7FFU) - 1075;
  const std::uint64_t mantissa = (bits & ((std::uint64_t{1} << 52) - 1)) | (std::uint64_t{1} << 52);
  return exponent + std::countr_zero(mantissa);  // halves are normal numbers in double
}

double squared_norm(const double* row, std::int64_t width) {
  constexpr std::int64_t kLanes = 16;  // independent sums; D is a multiple of it
  double lanes[kLanes] = {};
  for (std::int64_t d = 0; d < width; d += kLanes) {
    for (std::int64_t i = 0; i < kLanes; ++i) lanes[i] += row[d + i] * row[d + i];
  }
  double sum = 0.0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

double largest_magnitude(const double* values, std::int64_t count) {
  double largest = 0.0;
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(values[i]));
  return largest;
}

}  // namespace

RowFacts facts_of(const double* values, std::int64_t rows, std::int64_t width) {
  RowFacts facts;
  double largest_square = 0.0;
  for (std::int64_t r = 0; r < rows; ++r) {
    const double square = squared_norm(values + r * width, width);
    facts.finite = facts.finite && std::isfinite(square);  // halves cannot overflow a double
    largest_square = std::max(largest_square, square);
  }
  facts.norm = std::sqrt(largest_square);
  return facts;
}

int common_unit(const double* values, std::int64_t count, double largest, double limit) {
  int unit = std::numeric_limits<int>::max();
  for (std::int64_t i = 0; i < count; ++i) {
    if (values[i] == 0.0) continue;
    const int exponent = lowest_bit_exponent(values[i]);
    if (exponent >= unit) continue;
    unit = exponent;
    if (std::ldexp(largest, -unit) > limit) break;
  }
  return unit;
}

RoundingBound::RoundingBound(const core::Problem& problem, const double* q, std::int64_t rows)
    : scale_(static_cast<double>(problem.scale)),
      head_dim_(problem.head_dim),
      q_(facts_of(q, rows, problem.head_dim)),
      scale_is_power_of_two_(std::frexp(scale_, &scale_exponent_) == 0.5) {
  scale_exponent_ -= 1;
  if (!q_.finite || !scale_is_power_of_two_) return;
  const std::int64_t count = rows * head_dim_;
  q_.largest = largest_magnitude(q, count);
  q_unit_ = common_unit(q, count, q_.largest, kFloatIntegers);
}

double RoundingBound::beta(const double* k, std::int64_t columns, double tile_max) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const RowFacts keys = facts_of(k, columns, head_dim_);
  if (!q_.finite || !keys.finite) return kInfinity;
  // No partial sum exceeds the product of the norms; a kernel may form it raw, scaled, or scaled
  // for base-2 exponentials (log2 e < 2). The factor of two below 2^128 covers the roundings.
  const double product = q_.norm * keys.norm;
  if (product * std::max(1.0, 2.0 * scale_) >= 0x1p127) return kInfinity;
  if (scale_is_power_of_two_ && is_exact(k, columns, largest_magnitude(k, columns * head_dim_))) {
    return 0.0;
  }
  return static_cast<double>(head_dim_ + 16) * 0x1p-23 * scale_ * product +
         0x1p-22 * std::abs(tile_max);
}

bool RoundingBound::is_exact(const double* k, std::int64_t columns, double largest_k) const {
  if (q_.largest == 0.0 || largest_k == 0.0) return true;
  const double q_integer = std::ldexp(q_.largest, -q_unit_);
  const double limit = kFloatIntegers / (static_cast<double>(head_dim_) * q_integer);
  if (limit < 1.0) return false;
  const int k_unit = common_unit(k, columns * head_dim_, largest_k, limit);
  if (std::ldexp(largest_k, -k_unit) > limit) return false;
  constexpr int kSmallestNormal = -126;
  return q_unit_ + k_unit + std::min(0, scale_exponent_) >= kSmallestNormal;
}

}  // namespace bsfa::reference
