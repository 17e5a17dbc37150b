// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/problem.h"

namespace bsfa::io {

enum class Operand : std::uint8_t { kQ, kK, kV };

/// Some rows of one head of Q, K or V, made at once.
///
/// `values` [rows, D] holds independent standard normal values when a kind receives it.
struct Slab {
  const core::Problem& problem;
  std::uint64_t seed;  ///< of the whole problem
  Operand operand;
  std::int64_t batch, head;      ///< query head for Q, key/value head for K and V
  std::int64_t first_row, rows;  ///< within the tensor
  std::span<float> values;

  std::span<float> row(std::int64_t i) const {
    const auto d = static_cast<std::size_t>(problem.head_dim);
    return values.subspan(static_cast<std::size_t>(i) * d, d);
  }
  /// Absolute position of a row of this slab.
  std::int64_t position(std::int64_t i) const {
    const std::int64_t offset = operand == Operand::kQ ? problem.kv_len - problem.q_len : 0;
    return offset + first_row + i;
  }
  /// The slab's number of an absolute row of the tensor, or -1 where it is in another slab.
  std::int64_t find(std::int64_t row) const {
    return row >= first_row && row < first_row + rows ? row - first_row : -1;
  }
  std::int64_t kv_head() const { return operand == Operand::kQ ? problem.kv_head_of(head) : head; }
};

/// Turns standard normal values into what a kind wants, depending on nothing but the slab.
using ShapeSlab = void (*)(const Slab&);

void shape_gaussian(const Slab& slab);
void shape_structured(const Slab& slab);
void shape_needle(const Slab& slab);
void shape_integers(const Slab& slab);
void shape_nan_q(const Slab& slab);
void shape_nan_k(const Slab& slab);
void shape_nan_v(const Slab& slab);
void shape_inf_q(const Slab& slab);
void shape_inf_k(const Slab& slab);
void shape_inf_v(const Slab& slab);
void shape_negative_inf_k(const Slab& slab);
void shape_all_equal(const Slab& slab);
void shape_one_hot_row(const Slab& slab);
void shape_near_overflow(const Slab& slab);
void shape_all_negative(const Slab& slab);

}  // namespace bsfa::io
