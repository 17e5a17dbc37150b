// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace bsfa::reference {

/// A sum of exponentials per row that never overflows: a running maximum and the sum relative to
/// it.
///
/// A NaN or +inf maximum makes the row NaN for good; a -inf one adds nothing.
class LogWeights {
 public:
  explicit LogWeights(std::int64_t rows);

  /// Adds terms of total weight sum[r]·exp(max[r]).
  void add(const double* max, const double* sum);

  /// After add: what the row's earlier terms, and the added ones, must be multiplied by to stand
  /// relative to the new maximum.
  const std::vector<double>& old_factor() const noexcept { return old_factor_; }
  const std::vector<double>& new_factor() const noexcept { return new_factor_; }

  /// Sum relative to the maximum; 0 where nothing has weight.
  const std::vector<double>& sum() const noexcept { return sum_; }
  /// Natural logarithm of the sum: -inf where nothing has weight, NaN where the row is NaN.
  std::vector<double> log_sum() const;

 private:
  std::vector<double> max_, sum_, old_factor_, new_factor_;
};

}  // namespace bsfa::reference
