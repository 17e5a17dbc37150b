// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "io/generate.h"
#include "io/half.h"

namespace bsfa::test {

/// Generated tensors as floats, and their scores written out naively.
struct Widened {
  core::Problem problem;
  std::vector<float> q, k, v;

  explicit Widened(const io::GeneratedAttention& made)
      : problem(made.problem), q(made.q.size()), k(made.k.size()), v(made.v.size()) {
    io::from_half_bits(made.q, q, problem.dtype);
    io::from_half_bits(made.k, k, problem.dtype);
    io::from_half_bits(made.v, v, problem.dtype);
  }
  const float* q_row(std::int64_t batch, std::int64_t head, std::int64_t row) const {
    return q.data() + ((batch * problem.heads + head) * problem.q_len + row) * problem.head_dim;
  }
  const float* k_row(std::int64_t batch, std::int64_t kv_head, std::int64_t column) const {
    return k.data() +
           ((batch * problem.kv_heads + kv_head) * problem.kv_len + column) * problem.head_dim;
  }
  /// scale·q·k in double.
  double score(std::int64_t batch, std::int64_t head, std::int64_t row, std::int64_t column) const {
    const float* a = q_row(batch, head, row);
    const float* b = k_row(batch, problem.kv_head_of(head), column);
    double sum = 0;
    for (std::int64_t d = 0; d < problem.head_dim; ++d) {
      sum += static_cast<double>(a[d]) * static_cast<double>(b[d]);
    }
    return sum * static_cast<double>(problem.scale);
  }
  /// Columns that a row sees.
  std::int64_t visible(std::int64_t row) const {
    return problem.causal ? problem.kv_len - problem.q_len + row + 1 : problem.kv_len;
  }
  /// Softmax of one row.
  std::vector<double> attention(std::int64_t batch, std::int64_t head, std::int64_t row) const;
};

}  // namespace bsfa::test
