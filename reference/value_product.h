// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/problem.h"
#include "core/tensor.h"
#include "core/work.h"
#include "reference/accumulator.h"
#include "reference/score_tiles.h"

namespace bsfa::reference {

/// P·V of one tile after the other, and the channels in which V is not finite.
class ValueProduct {
 public:
  ValueProduct(const core::Problem& problem, const core::AttentionInputs& inputs,
               const core::WorkItem& item, std::int64_t rows);

  /// `tile` holds exponentials, `row_sum` their sums. The term points into this object and into the
  /// tile, and lives until the next call.
  TileTerm operator()(const ScoreTile& tile, const double* row_sum);

 private:
  void find_bad_channels(std::int64_t columns);

  const core::TensorView& view_;
  std::int64_t batch_, kv_head_;
  std::vector<double> values_;   ///< [Bk, D]
  std::vector<double> product_;  ///< [D, rows]
  std::vector<std::uint8_t> bad_channels_;
};

}  // namespace bsfa::reference
