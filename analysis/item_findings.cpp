// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "analysis/finding_rules.h"
#include "analysis/robust.h"

namespace bsfa::analysis {
namespace {

/// What one head of one batch entry asked for.
struct HeadLoad {
  std::int32_t batch = 0, head = 0;
  double kept = 0.0, seen = 0.0, time_ns = 0.0;
  double density() const { return seen > 0.0 ? kept / seen : 0.0; }
};

std::vector<HeadLoad> heads_of(const WorkProfile& profile) {
  std::map<std::pair<std::int32_t, std::int32_t>, HeadLoad> heads;
  for (const auto& item : profile.records.ctas) {
    HeadLoad& head = heads[{item.batch, item.head}];
    head.batch = item.batch;
    head.head = item.head;
    head.kept += static_cast<double>(item.tiles_kept);
    head.seen += static_cast<double>(item.tiles_seen);
    head.time_ns += duration_ns(item);
  }
  std::vector<HeadLoad> list;
  list.reserve(heads.size());
  for (const auto& [place, head] : heads) list.push_back(head);
  return list;
}

template <typename Value>
double median_over(const std::vector<HeadLoad>& heads, const Value& value) {
  std::vector<double> values;
  values.reserve(heads.size());
  for (const HeadLoad& head : heads) values.push_back(value(head));
  return median(std::move(values));
}

bool many_batches(const WorkProfile& profile) {
  const auto& items = profile.records.ctas;
  return std::any_of(items.begin(), items.end(),
                     [&](const auto& item) { return item.batch != items.front().batch; });
}

std::string name_of_head(const WorkProfile& profile, std::int32_t batch, std::int32_t head) {
  return many_batches(profile) ? fmt::format("batch {}, head {}", batch, head)
                               : fmt::format("head {}", head);
}

bool uneven(const Balance& units) {
  return units.idle_share.value_or(0.0) >= kIdleShare ||
         units.max_over_mean.value_or(1.0) >= 1.0 + kExcess;
}

double variation_of_times(const WorkProfile& profile) {
  const auto& items = profile.records.ctas;
  const double mean = profile.units.load_ns / static_cast<double>(items.size());
  if (!(mean > 0.0)) return 0.0;
  double squares = 0.0;
  for (const auto& item : items) squares += std::pow(duration_ns(item) / mean - 1.0, 2);
  return std::sqrt(squares / static_cast<double>(items.size()));
}

}  // namespace

std::optional<Finding> heavy_head(const WorkProfile& profile) {
  const std::vector<HeadLoad> heads = heads_of(profile);
  if (heads.size() < 2) return std::nullopt;
  const double kept = median_over(heads, [](const HeadLoad& head) { return head.kept; });
  const double density = median_over(heads, [](const HeadLoad& head) { return head.density(); });
  if (!(kept > 0.0)) return std::nullopt;
  const HeadLoad* heaviest = nullptr;
  std::size_t heavy = 0;
  for (const HeadLoad& head : heads) {
    // Density too: in a sample heads differ by the Q blocks that were drawn.
    if (head.kept < kHeavyHead * kept || head.density() < kHeavyHead * density) continue;
    ++heavy;
    if (heaviest == nullptr || head.kept > heaviest->kept) heaviest = &head;
  }
  if (heaviest == nullptr) return std::nullopt;
  const double load = profile.units.load_ns;
  const double share = load > 0.0 ? heaviest->time_ns / load : 0.0;
  return Finding{
      uneven(profile.units) ? FindingSeverity::kWarning : FindingSeverity::kNote,
      "heavy-head",
      fmt::format(
          "{} has {:.1f} times the kept tiles of the median head and takes {} of the time{}",
          name_of_head(profile, heaviest->batch, heaviest->head), heaviest->kept / kept,
          share_text(share), heavy > 1 ? fmt::format(" (and {} more such heads)", heavy - 1) : ""),
      share,
      {{"batch", static_cast<double>(heaviest->batch)},
       {"head", static_cast<double>(heaviest->head)},
       {"kept_over_median", heaviest->kept / kept},
       {"time_share", share},
       {"heavy_heads", static_cast<double>(heavy)}}};
}

std::optional<Finding> outlying_items(const WorkProfile& profile) {
  double beyond = 0.0;
  std::size_t count = 0;
  const CostOutlier* worst = nullptr;
  for (const CostOutlier& outlier : profile.model.outliers) {
    if (outlier.deviations < 0.0) continue;
    ++count;
    beyond += outlier.measured_ns - outlier.predicted_ns;
    if (worst == nullptr) worst = &outlier;
  }
  const double share = profile.units.load_ns > 0.0 ? beyond / profile.units.load_ns : 0.0;
  if (worst == nullptr || share < kOutlierShare) return std::nullopt;
  const auto& r = worst->record;
  return Finding{FindingSeverity::kWarning,
                 "outliers",
                 fmt::format("{} of {} items spend {} of all time beyond what their tiles explain, "
                             "farthest {}, Q block {} on {} {}: {} against {}",
                             count, profile.model.items, share_text(share),
                             name_of_head(profile, r.batch, r.head), r.q_block,
                             unit_name(profile.records.clock), r.unit,
                             time_text(worst->measured_ns), time_text(worst->predicted_ns)),
                 share,
                 {{"items", static_cast<double>(count)},
                  {"time_share", share},
                  {"measured_ns", worst->measured_ns},
                  {"predicted_ns", worst->predicted_ns}}};
}

std::optional<Finding> poor_fit(const WorkProfile& profile) {
  const auto& r_squared = profile.model.r_squared;
  if (!r_squared || *r_squared >= kPoorFit) return std::nullopt;
  const double variation = variation_of_times(profile);
  if (variation < kItemVariation) return std::nullopt;
  return Finding{FindingSeverity::kNote,
                 "poor-fit",
                 fmt::format("tile counts explain {} of how item times differ, which scatter by {}",
                             share_text(*r_squared), share_text(variation)),
                 1.0 - *r_squared,
                 {{"r_squared", *r_squared}, {"variation", variation}}};
}

std::optional<Finding> unequal_warps(const WorkProfile& profile) {
  const auto& warps = profile.warps.within_cta;
  const auto& groups = profile.warpgroups.within_cta;
  const double worst = std::max(warps.value_or(0.0), groups.value_or(0.0));
  if (worst < kUnequalWarps) return std::nullopt;
  const bool by_group = groups.value_or(0.0) >= kUnequalWarps;
  const double shown = by_group ? *groups : *warps;
  return Finding{FindingSeverity::kWarning,
                 "unequal-warps",
                 fmt::format("the busiest {} of a CTA is busy {} longer than the CTA's mean",
                             name_of(by_group ? BalanceLevel::kWarpgroup : BalanceLevel::kWarp),
                             share_text(shown - 1.0)),
                 shown - 1.0,
                 {{"warps_max_over_mean", warps.value_or(0.0)},
                  {"warpgroups_max_over_mean", groups.value_or(0.0)}}};
}

std::optional<Finding> unsound_records(const WorkProfile& profile) {
  const UsableRecords& r = profile.records;
  if (r.set_aside() == 0) return std::nullopt;
  return Finding{
      FindingSeverity::kNote,
      "records",
      fmt::format("{} set aside: {} without a clock, {} of another clock, {} ending before they "
                  "start, {} that contradict themselves",
                  counted(static_cast<std::size_t>(r.set_aside()), "record"), r.without_clock,
                  r.other_clock, r.backwards, r.contradicting),
      static_cast<double>(r.set_aside()),
      {{"without_clock", static_cast<double>(r.without_clock)},
       {"other_clock", static_cast<double>(r.other_clock)},
       {"backwards", static_cast<double>(r.backwards)},
       {"contradicting", static_cast<double>(r.contradicting)}}};
}

std::optional<Finding> tensor_count(const TensorCheck& check) {
  if (check.equal) return std::nullopt;
  const std::string predicted =
      check.predicted ? std::to_string(*check.predicted) : "more than 64 bits hold";
  return Finding{FindingSeverity::kWarning,
                 "tensor-count",
                 fmt::format("the hardware counted {} tensor instructions, the work records say {}",
                             check.counted, predicted),
                 1.0,
                 {{"counted", static_cast<double>(check.counted)},
                  {"predicted", static_cast<double>(check.predicted.value_or(0))}}};
}

std::optional<Finding> beyond_need(const TensorCheck& check) {
  if (!check.beyond || *check.beyond < kBeyondNeed) return std::nullopt;
  return Finding{FindingSeverity::kNote,
                 "beyond-need",
                 fmt::format("{} more tensor instructions were issued than the mask needs: {} of "
                             "QK, {} of PV",
                             share_text(*check.beyond), share_text(check.qk_beyond.value_or(0.0)),
                             share_text(check.pv_beyond.value_or(0.0))),
                 *check.beyond,
                 {{"beyond", *check.beyond},
                  {"qk_beyond", check.qk_beyond.value_or(0.0)},
                  {"pv_beyond", check.pv_beyond.value_or(0.0)}}};
}

}  // namespace bsfa::analysis
