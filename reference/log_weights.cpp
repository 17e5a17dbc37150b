// SPDX-License-Identifier: Apache-2.0
#include "reference/log_weights.h"

#include <cmath>
#include <limits>

namespace bsfa::reference {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double poisoned_max(double a, double b) {
  if (std::isnan(a) || std::isnan(b) || b == kInfinity) return kNan;
  return a > b ? a : b;
}

double factor(double max, double new_max) {
  if (max == -kInfinity && new_max == -kInfinity) return 0.0;
  return max == new_max ? 1.0 : std::exp(max - new_max);
}

}  // namespace

LogWeights::LogWeights(std::int64_t rows)
    : max_(static_cast<std::size_t>(rows), -kInfinity),
      sum_(max_.size(), 0.0),
      old_factor_(max_.size()),
      new_factor_(max_.size()) {}

void LogWeights::add(const double* max, const double* sum) {
  for (std::size_t r = 0; r < max_.size(); ++r) {
    const double new_max = poisoned_max(max_[r], max[r]);
    old_factor_[r] = factor(max_[r], new_max);
    new_factor_[r] = factor(max[r], new_max);
    sum_[r] = sum_[r] * old_factor_[r] + sum[r] * new_factor_[r];
    max_[r] = new_max;
  }
}

std::vector<double> LogWeights::log_sum() const {
  std::vector<double> result(max_.size());
  for (std::size_t r = 0; r < max_.size(); ++r) result[r] = max_[r] + std::log(sum_[r]);
  return result;
}

}  // namespace bsfa::reference
