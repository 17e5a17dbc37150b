// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/expectation.h"

#include <algorithm>
#include <cmath>

#include "core/tile_geometry.h"

namespace bsfa::test {
namespace {

/// Whether a row has numbers, in double and in the naive computation: neither a kept score that is
/// NaN or +inf nor one beyond fp32.
bool is_comparable(const core::BlockOutput& output, std::size_t row) {
  const std::size_t channels = output.exempt_channel.size();
  for (std::size_t c = 0; c < channels; ++c) {
    const std::size_t i = row * channels + c;
    if (output.exempt_channel[c] != 0) continue;
    if (!std::isfinite(output.o[i]) || !std::isfinite(output.low[i])) return false;
  }
  return true;
}

}  // namespace

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
  const auto channels = static_cast<std::size_t>(problem_.head_dim);
  double largest = 0.0, rounding = 0.0, difference = 0.0;
  for (std::size_t row = 0; row < masked.lse.size(); ++row) {
    if (!is_comparable(masked, row)) continue;
    for (std::size_t i = row * channels; i < (row + 1) * channels; ++i) {
      if (masked.exempt_channel[i % channels] != 0) continue;
      const double exact = masked.o[i];
      largest = std::max(largest, std::fabs(exact));
      rounding = std::max(rounding, std::fabs(static_cast<double>(masked.low[i]) - exact));
      // NaN where dense attention has none to compare with: a NaN or +inf in a tile that is
      // skipped.
      if (std::isnan(dense.o[i])) continue;
      difference = std::max(difference, std::fabs(exact - dense.o[i]));
    }
  }
  return difference > 2 * rounding + 2 * core::unit_roundoff(problem_.dtype) * largest;
}

}  // namespace bsfa::test
