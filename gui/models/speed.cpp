// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/speed.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "analysis/bound.h"
#include "analysis/level_cost.h"
#include "analysis/work_records.h"

namespace bsfa::gui {

LayerCost::LayerCost(std::span<const core::WorkRecord> records) {
  const auto ctas = analysis::usable_records(records).ctas;
  model_ = analysis::fit_cost_model(ctas);
  std::set<std::tuple<std::int32_t, std::int32_t, std::int32_t>> blocks;
  for (const core::WorkRecord& record : ctas)
    blocks.insert({record.batch, record.head, record.q_block});
  if (!blocks.empty())
    items_per_block_ = static_cast<double>(ctas.size()) / static_cast<double>(blocks.size());
}

SpeedEstimate LayerCost::speed(const analysis::TileCounts& tiles, double blocks) const {
  analysis::WorkTotals work;
  work.items = items_per_block_ * blocks;
  work.seen = static_cast<double>(tiles.off_diagonal + tiles.diagonal);
  work.kept = static_cast<double>(tiles.kept + tiles.diagonal);
  SpeedEstimate out{analysis::predicted_speed_up(model_, work), false};
  if (out.factor) return out;
  return {analysis::speed_up_bound(tiles), true};
}

std::optional<double> measured_speed(const traces::Profile& profile) {
  const auto times_of = [&](const char* variant) -> std::span<const double> {
    for (const traces::LaunchTimes& times : profile.times) {
      if (times.variant == variant) return times.times_ns;
    }
    return {};
  };
  const auto more = analysis::added_cost(times_of("none"), times_of("dense"));
  if (!more) return std::nullopt;
  return 1.0 + more->share;
}

}  // namespace bsfa::gui
