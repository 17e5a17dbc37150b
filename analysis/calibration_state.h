// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/calibration.h"

namespace bsfa::analysis {

/// A calibration as plain vectors, for files of partial results.
///
/// Shapes  counts, sums, rests: [blocks, K, L, H]. A mean has sums and rests (which belong
/// together:
///         the exact sum is sum + rest) and no values. A median has values, those of one cell after
///         those of another, ascending, as many as counts says, and neither sums nor rests.
struct CalibrationState {
  std::vector<std::int64_t> k_values, layers;
  std::int64_t heads = 0;
  core::GateShape gate;
  core::Aggregation aggregation = core::Aggregation::kMean;
  std::vector<std::string> samples;
  std::int64_t blocks = 0;
  std::vector<std::int64_t> counts;
  std::vector<double> sums, rests;
  std::vector<float> values;
  friend bool operator==(const CalibrationState&, const CalibrationState&) = default;
};

CalibrationState flatten(const Calibration& calibration);

/// The calibration that was flattened.
///
/// Errors  throws core::InvalidProblem naming what is wrong: sizes that do not match, counts below
/// 0
///         or different between k, NaN, an infinity where no calibration has one.
Calibration restore(const CalibrationState& state);

}  // namespace bsfa::analysis
