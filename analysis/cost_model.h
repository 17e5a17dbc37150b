// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/work.h"

namespace bsfa::analysis {

/// A work item counts as an outlier beyond this many robust standard deviations (1.4826 times the
/// median absolute deviation of the residuals). Six leave one in 500 million normal ones.
inline constexpr double kOutlierDeviations = 6.0;
/// The least robust standard deviation: %globaltimer ticks every 32 ns, and no clock that records
/// are taken from is finer, so residuals below that are no news.
inline constexpr double kClockTickNs = 32.0;

struct Coefficient {
  double value = 0.0;
  std::optional<double> standard_error;  ///< none where there are no more items than coefficients
};

/// A work item whose time its tile counts do not explain.
struct CostOutlier {
  core::WorkRecord record;
  double measured_ns = 0.0;
  double predicted_ns = 0.0;
  double deviations = 0.0;  ///< residual less the median residual, in robust standard deviations
};

/// What one work item costs: time = a + b·tiles seen + c·tiles kept, by ordinary least squares.
///
/// A coefficient that the items do not determine is none, for example b and c where every item
/// keeps what it sees, and a and c where every item keeps as many. Predictions for items like those
/// measured exist all the same.
struct CostModel {
  std::int64_t items = 0;
  std::optional<Coefficient> per_item_ns;  ///< a
  std::optional<Coefficient> per_seen_ns;  ///< b
  std::optional<Coefficient> per_kept_ns;  ///< c
  /// Where kept = p + q·seen in every item: b + q·c, the cost of a tile seen with its share kept.
  std::optional<Coefficient> together_ns;
  std::optional<double> kept_per_seen;  ///< that q
  /// 1 - Σ residual² / Σ (time - mean)²; none where all times are equal or nothing is left over.
  std::optional<double> r_squared;
  double residual_ns = 0.0;           ///< robust standard deviation of the residuals
  std::vector<CostOutlier> outliers;  ///< farthest first

  /// One choice of coefficients that predicts the measured items; use predict().
  std::array<double, 3> fitted{};
  /// Changes of (a, b, c) that no item's prediction would notice.
  std::vector<std::array<double, 3>> undetermined;

  /// Time of `count` items with so many tiles between them; none where the items measured do not
  /// say (a mix of tiles that none of them resembles, while coefficients are undetermined).
  std::optional<double> predict(double count, double seen, double kept) const;
};

/// Fits work items of one kind: those of whole CTAs, or those of warps. Empty input gives an empty
/// model.
CostModel fit_cost_model(std::span<const core::WorkRecord> records);

}  // namespace bsfa::analysis
