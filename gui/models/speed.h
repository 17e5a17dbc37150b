// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>

#include "analysis/cost_model.h"
#include "analysis/tile_counts.h"
#include "core/work.h"
#include "traces/profile.h"

namespace bsfa::gui {

/// Speed over keeping every tile.
struct SpeedEstimate {
  std::optional<double> factor;
  bool upper_bound = false;  ///< no cost model: what skipping can gain at most
};

/// What the work records of one launch say of its cost.
///
/// A launch on a sample of Q blocks has records of that sample alone, and what is asked of a cost
/// counts the same blocks: tiles and work items of Q blocks that were checked, and of no others.
class LayerCost {
 public:
  LayerCost() = default;  ///< nothing is known: answers are upper bounds
  explicit LayerCost(std::span<const core::WorkRecord> records);

  /// `tiles` are those of `blocks` Q blocks, counted over heads and batch entries.
  SpeedEstimate speed(const analysis::TileCounts& tiles, double blocks) const;

 private:
  analysis::CostModel model_;
  double items_per_block_ = 1.0;  ///< above 1 where a kernel splits Q blocks or has passes
};

/// Time without gating over time with it, as a profile measured both in the same rounds; none
/// where it did not.
std::optional<double> measured_speed(const traces::Profile& profile);

}  // namespace bsfa::gui
