// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/expectation.h"

#include <algorithm>
#include <cmath>

#include "core/tile_geometry.h"

namespace bsfa::test {

void Expectation::add(const core::BlockEvaluation& evaluation) {
  skipped_ |= skips_beyond_ties(evaluation);
  differs_ |= differs_from_dense(evaluation);
}

bool Expectation::skips_beyond_ties(const core::BlockEvaluation& evaluation) const {
  const auto& statistics = evaluation.statistics;
  const auto& mask = evaluation.masked[0].mask;
  const core::TileGeometry geometry(problem_);
  const std::int64_t index = geometry.threshold_index(statistics.item.q_block, thresholds_.blocks);
  const double tau = thresholds_.at(statistics.item.head, index);
  for (std::size_t n = 0; n < mask.size(); ++n) {
    const bool tie = std::fabs(statistics.tile_max[n] - tau) <= statistics.beta[n];
    if (mask[n] == core::TileCode::kSkipped && !tie) return true;
  }
  return false;
}

bool Expectation::differs_from_dense(const core::BlockEvaluation& evaluation) const {
  const core::BlockOutput& masked = evaluation.masked[0];
  const core::BlockOutput& dense = evaluation.dense;
  double largest = 0.0, rounding = 0.0, difference = 0.0;
  bool nan_differs = false;
  for (std::size_t i = 0; i < masked.o.size(); ++i) {
    const auto channel = i % static_cast<std::size_t>(problem_.head_dim);
    if (masked.exempt_channel[channel] != 0) continue;
    nan_differs |= std::isnan(masked.o[i]) != std::isnan(dense.o[i]);
    if (std::isnan(masked.o[i])) continue;
    largest = std::max(largest, std::fabs(masked.o[i]));
    rounding = std::max(rounding, std::fabs(static_cast<double>(masked.low[i]) - masked.o[i]));
    difference = std::max(difference, std::fabs(masked.o[i] - dense.o[i]));
  }
  const double tolerance = 2 * rounding + 2 * core::unit_roundoff(problem_.dtype) * largest;
  return nan_differs || difference > tolerance;
}

}  // namespace bsfa::test
