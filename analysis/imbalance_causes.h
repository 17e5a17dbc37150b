// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "analysis/balance.h"
#include "analysis/cost_model.h"

namespace bsfa::analysis {

/// Why the busiest unit is busier than the mean.
///
/// A cost model gives each unit the time p_u that its items and tiles ought to take, scaled by
/// Σ busy / Σ load so that CTAs that share a unit are not counted twice. Relative to the mean busy
/// time, with the mean of p taken over the same units,
///
///   excess     (b_u - mean b) / mean b of the busiest unit: max_over_mean - 1
///   work       (p_u - mean p) / mean b: it was given more items or tiles than others
///   elsewhere  excess - work: its items took longer than tiles explain
///
/// Where the model tells its coefficients apart, work is the sum of items + seen + kept.
/// predicted_excess is max p / mean p - 1: the imbalance if time followed the tile counts exactly,
/// which may lie with another unit.
struct ImbalanceCauses {
  std::size_t unit = 0;  ///< index into Balance::units
  double excess = 0.0;
  double work = 0.0;
  double elsewhere = 0.0;
  std::optional<double> items, seen, kept;
  std::optional<double> predicted_excess;  ///< none where the model predicts no time at all
};

/// None where there is no load or no model.
std::optional<ImbalanceCauses> causes_of(const Balance& balance, const CostModel& model);

}  // namespace bsfa::analysis
