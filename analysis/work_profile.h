// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "analysis/balance.h"
#include "analysis/cost_model.h"
#include "analysis/imbalance_causes.h"
#include "analysis/work_records.h"

namespace bsfa::analysis {

/// All that work records say of one launch. The cost model is that of whole CTAs.
struct WorkProfile {
  UsableRecords records;
  CostModel model;
  Balance units, ctas;
  Balance warpgroups, warps;              ///< without units where no records are about warps
  std::optional<ImbalanceCauses> causes;  ///< of the level of units
};

/// The records of one launch: all batch entries together. expected_units as for balance_of().
WorkProfile profile_work(std::span<const core::WorkRecord> records,
                         std::optional<std::int64_t> expected_units = std::nullopt);

/// Two profiles of one input, for instance thresholds calibrated for a fixed k against others of
/// the same density.
struct LoadComparison {
  enum class Better { kFirst, kSecond, kNeither };
  /// Figures of the two; none as in Balance.
  struct Side {
    double span_ns = 0.0;
    double kept = 0.0;                     ///< tiles of all items
    std::optional<double> kept_variation;  ///< coefficient of variation of tiles kept per item
    std::optional<double> max_over_mean, variation, tail_share, idle_share;
    std::optional<double> predicted_excess;  ///< as tile counts alone would have it
  };
  Side first, second;
  bool same_items = false;           ///< the same Q blocks saw as many tiles each
  Better better = Better::kNeither;  ///< the one that shares its work out more evenly
};

/// max_over_mean that differs by less is the same: launches of one kernel on one input differ by
/// about a hundredth.
inline constexpr double kSameBalance = 0.01;

LoadComparison compare_loads(const WorkProfile& first, const WorkProfile& second);

}  // namespace bsfa::analysis
