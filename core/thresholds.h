// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/problem.h"

namespace bsfa::core {

/// The thresholds of one layer and one k, as a run uses them.
///
/// Shapes  tau: [H, blocks], block i belonging to absolute positions i·Bq .. (i+1)·Bq-1; positions
///         beyond the last block use the last.
/// Units   score units after scaling. -inf keeps every tile, +inf skips every off-diagonal one.
struct Thresholds {
  std::int64_t heads = 0;
  std::int64_t blocks = 0;
  GateShape gate;
  std::vector<float> tau;

  float at(std::int64_t head, std::int64_t block) const {
    return tau[static_cast<std::size_t>(head * blocks + block)];
  }
  /// One value for every head and position.
  static Thresholds constant(std::int64_t heads, GateShape gate, float value);
  /// All τ = -inf: nothing can be skipped.
  bool keeps_all() const noexcept;
};

enum class Aggregation : std::uint8_t { kMean, kMedian };

/// A calibrated table for several k and layers, as a file holds it.
///
/// Shapes  values: [K, L, H, blocks], in the order of k_values and layers.
struct ThresholdTable {
  std::vector<std::int64_t> k_values;
  std::vector<std::int64_t> layers;  ///< layer numbers of the model
  std::int64_t heads = 0;
  std::int64_t blocks = 0;
  GateShape gate;
  Aggregation aggregation = Aggregation::kMean;
  std::vector<std::string> samples;  ///< where it was calibrated, by name
  std::vector<float> values;

  std::size_t index(std::size_t k, std::size_t layer, std::int64_t head, std::int64_t block) const;
  /// The run's thresholds for k-th and layer-th entries (positions in k_values and layers).
  Thresholds select(std::size_t k, std::size_t layer) const;
};

/// Checks that a table can gate a problem.
///
/// Errors  throws InvalidProblem where heads or block sizes differ, the shape does not match the
///         values, or a τ is NaN; the text says which.
void validate(const Thresholds& thresholds, const Problem& problem);

}  // namespace bsfa::core
