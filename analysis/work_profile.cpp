// SPDX-License-Identifier: Apache-2.0
#include "analysis/work_profile.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

namespace bsfa::analysis {
namespace {

std::optional<double> kept_variation(const std::vector<core::WorkRecord>& items) {
  double sum = 0.0;
  for (const auto& item : items) sum += static_cast<double>(item.tiles_kept);
  const double mean = sum / static_cast<double>(items.size());
  if (!(mean > 0.0)) return std::nullopt;
  double squares = 0.0;
  for (const auto& item : items) {
    const double off = static_cast<double>(item.tiles_kept) - mean;
    squares += off * off;
  }
  return std::sqrt(squares / static_cast<double>(items.size())) / mean;
}

LoadComparison::Side side_of(const WorkProfile& profile) {
  LoadComparison::Side side;
  const Balance& units = profile.units;
  side.span_ns = units.span_ns;
  for (const UnitLoad& unit : units.units) side.kept += unit.kept;
  side.kept_variation = kept_variation(profile.records.ctas);
  side.max_over_mean = units.max_over_mean;
  side.variation = units.variation;
  side.tail_share = units.tail_share;
  side.idle_share = units.idle_share;
  if (profile.causes) side.predicted_excess = profile.causes->predicted_excess;
  return side;
}

using ItemWork = std::tuple<std::int32_t, std::int32_t, std::int32_t, std::int32_t, std::uint32_t,
                            std::uint64_t>;

std::vector<ItemWork> items_of(const WorkProfile& profile) {
  std::vector<ItemWork> items;
  for (const auto& r : profile.records.ctas) {
    items.emplace_back(r.batch, r.head, r.q_block, r.k_block_begin, r.pass, r.tiles_seen);
  }
  std::sort(items.begin(), items.end());
  return items;
}

}  // namespace

WorkProfile profile_work(std::span<const core::WorkRecord> records,
                         std::optional<std::int64_t> expected_units) {
  WorkProfile profile;
  profile.records = usable_records(records);
  profile.model = fit_cost_model(profile.records.ctas);
  profile.units = balance_of(profile.records, BalanceLevel::kUnit, expected_units);
  profile.ctas = balance_of(profile.records, BalanceLevel::kCta);
  profile.warpgroups = balance_of(profile.records, BalanceLevel::kWarpgroup);
  profile.warps = balance_of(profile.records, BalanceLevel::kWarp);
  profile.causes = causes_of(profile.units, profile.model);
  return profile;
}

LoadComparison compare_loads(const WorkProfile& first, const WorkProfile& second) {
  LoadComparison comparison{side_of(first), side_of(second)};
  comparison.same_items = items_of(first) == items_of(second);
  const auto &a = comparison.first.max_over_mean, &b = comparison.second.max_over_mean;
  if (a && b && std::abs(*a - *b) >= kSameBalance) {
    comparison.better = *a < *b ? LoadComparison::Better::kFirst : LoadComparison::Better::kSecond;
  }
  return comparison;
}

}  // namespace bsfa::analysis
