// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include "core/problem.h"

namespace bsfa::reference {

/// What rounding of q·k depends on, over some rows of Q or K.
struct RowFacts {
  bool finite = true;
  double largest = 0.0;  ///< largest absolute entry
  double norm = 0.0;     ///< largest Euclidean norm of a row
};

/// Shapes  values: [rows, width], row-major.
RowFacts facts_of(const double* values, std::int64_t rows, std::int64_t width);

/// Exponent of the largest power of two that divides every entry, INT_MAX where all are 0.
/// Stops early, with a result too small to be exact, once largest / 2^exponent exceeds `limit`.
int common_unit(const double* values, std::int64_t count, double largest, double limit);

/// How far tile_max computed in fp32 may lie from the exact one, for one Q block against many
/// tiles.
class RoundingBound {
 public:
  /// Shapes  q: [rows, D], row-major, unscaled.
  RoundingBound(const core::Problem& problem, const double* q, std::int64_t rows);

  /// The bound for a tile: 0 where fp32 is exact whatever the order of summation, +inf where an
  /// entry is not finite or a product can overflow.
  ///
  /// Shapes  k: [columns, D], row-major.
  double beta(const double* k, std::int64_t columns, double tile_max) const;

 private:
  bool is_exact(const double* k, std::int64_t columns, double largest_k) const;

  double scale_;
  std::int64_t head_dim_;
  RowFacts q_;
  bool scale_is_power_of_two_;
  int scale_exponent_ = 0;
  int q_unit_ = std::numeric_limits<int>::max();
};

}  // namespace bsfa::reference
