// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "analysis/finding_rules.h"
#include "analysis/robust.h"

namespace bsfa::analysis {
namespace {

std::vector<double> ends_of(const Balance& units) {
  std::vector<double> ends;
  for (const UnitLoad& unit : units.units) ends.push_back(unit.last_ns);
  return ends;
}

bool ends_late(const UnitLoad& unit, double median_end_ns) {
  return unit.last_ns >= (1.0 + kLateShare) * median_end_ns;
}

double median_item_ns(const WorkProfile& profile) {
  std::vector<double> times;
  for (const auto& item : profile.records.ctas) times.push_back(duration_ns(item));
  return median(std::move(times));
}

/// Long items at the end of a unit's work, with nothing short after them.
std::size_t trailing_long_items(const WorkProfile& profile, const UnitLoad& unit) {
  const double limit = kLongItem * median_item_ns(profile);
  std::size_t count = 0;
  for (const auto& item : profile.records.ctas) {
    if (item.unit != unit.id) continue;
    count = duration_ns(item) >= limit ? count + 1 : 0;
  }
  return count;
}

std::optional<double> time_over_prediction(const WorkProfile& profile, const UnitLoad& unit) {
  const auto& f = profile.model.fitted;
  const double predicted =
      f[0] * static_cast<double>(unit.records) + f[1] * unit.seen + f[2] * unit.kept;
  return predicted > 0.0 ? std::optional(unit.load_ns / predicted) : std::nullopt;
}

/// Time that the unit's items and tiles ought to take over that of the mean unit, less 1.
double extra_work(const WorkProfile& profile, const UnitLoad& unit) {
  const auto slow = time_over_prediction(profile, unit);
  const double mean = profile.units.load_ns / static_cast<double>(profile.units.units.size());
  return slow && mean > 0.0 ? unit.load_ns / *slow / mean - 1.0 : 0.0;
}

/// The most telling reason for a unit's late end.
std::string reason_for(const WorkProfile& profile, const UnitLoad& unit, double late) {
  if (const std::size_t count = trailing_long_items(profile, unit); count > 0) {
    const bool all = count == static_cast<std::size_t>(unit.records);
    return fmt::format("{} started last{}", counted(count, "long item"),
                       all ? ", and it had no others" : "");
  }
  const auto slow = time_over_prediction(profile, unit);
  if (slow && *slow >= 1.0 + late / 2.0) {
    return fmt::format("its items take {} longer than their tiles explain",
                       share_text(*slow - 1.0));
  }
  if (const double extra = extra_work(profile, unit); extra >= late / 2.0) {
    return fmt::format("it was given {} more work than the mean, in {}", share_text(extra),
                       counted(static_cast<std::size_t>(unit.records), "item"));
  }
  if (unit.first_ns >= late / 2.0 * profile.units.span_ns) {
    return fmt::format("it started {} into the run",
                       share_text(unit.first_ns / profile.units.span_ns));
  }
  return fmt::format("its work is about that of the mean, with idle time between its {}",
                     counted(static_cast<std::size_t>(unit.records), "item"));
}

/// The parts of the idle share that can be seen in it.
std::string idle_text(const IdleParts& idle) {
  constexpr double kTooSmall = 0.005;
  std::string text;
  const auto add = [&](double part, const char* where) {
    if (part < kTooSmall) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", share_text(part), where);
  };
  add(idle.after, "after their last item");
  add(idle.between, "between items");
  add(idle.before, "before their first");
  add(idle.absent, "without any");
  return text;
}

std::string more_units(std::size_t others) {
  return others == 0 ? "" : fmt::format(" (and {} more)", others);
}

}  // namespace

std::optional<LateUnit> find_late_unit(const Balance& units) {
  const double middle = median(ends_of(units));
  if (!(middle > 0.0)) return std::nullopt;
  LateUnit latest;
  std::size_t late = 0;
  for (std::size_t i = 0; i < units.units.size(); ++i) {
    if (ends_late(units.units[i], middle)) ++late;
    if (units.units[i].last_ns > units.units[latest.unit].last_ns) latest.unit = i;
  }
  const bool few = static_cast<double>(late) < kFewUnits * static_cast<double>(units.units.size());
  if (late == 0 || (late > 1 && !few)) return std::nullopt;
  latest.late = units.units[latest.unit].last_ns / middle - 1.0;
  latest.others = late - 1;
  return latest;
}

std::optional<Finding> late_unit(const WorkProfile& profile) {
  const auto found = find_late_unit(profile.units);
  if (!found) return std::nullopt;
  const UnitLoad& unit = profile.units.units[found->unit];
  return Finding{
      FindingSeverity::kWarning,
      "late-unit",
      fmt::format("{} finishes {} late{}: {}", name_of_unit(profile, unit), share_text(found->late),
                  more_units(found->others), reason_for(profile, unit, found->late)),
      found->late,
      {{"unit", static_cast<double>(unit.id)},
       {"late_share", found->late},
       {"other_units", static_cast<double>(found->others)},
       {"long_items", static_cast<double>(trailing_long_items(profile, unit))},
       {"items", static_cast<double>(unit.records)}}};
}

std::optional<Finding> ragged_end(const WorkProfile& profile) {
  const Balance& units = profile.units;
  const double middle = median(ends_of(units));
  if (!(middle > 0.0) || find_late_unit(units)) return std::nullopt;
  const auto late = static_cast<std::size_t>(
      std::count_if(units.units.begin(), units.units.end(),
                    [&](const UnitLoad& unit) { return ends_late(unit, middle); }));
  if (late == 0) return std::nullopt;
  return Finding{
      FindingSeverity::kWarning,
      "ragged-end",
      fmt::format("{} of {} {} finish up to {} after the median one", late, units.units.size(),
                  units_of(profile), share_text(units.span_ns / middle - 1.0)),
      units.span_ns / middle - 1.0,
      {{"late_units", static_cast<double>(late)},
       {"units", static_cast<double>(units.units.size())},
       {"late_share", units.span_ns / middle - 1.0},
       {"tail_share", units.tail_share.value_or(0.0)}}};
}

std::optional<Finding> busy_unit(const WorkProfile& profile) {
  const auto& causes = profile.causes;
  if (!causes || causes->excess < kExcess || profile.units.absent > 0) return std::nullopt;
  const UnitLoad& unit = profile.units.units[causes->unit];
  if (ends_late(unit, median(ends_of(profile.units)))) return std::nullopt;
  return Finding{
      FindingSeverity::kWarning,
      "busy-unit",
      fmt::format(
          "{} is busy {} longer than the mean: {} from the items and tiles it was given, {} "
          "from elsewhere",
          name_of_unit(profile, unit), share_text(causes->excess), share_text(causes->work),
          share_text(causes->elsewhere)),
      causes->excess,
      {{"unit", static_cast<double>(unit.id)},
       {"excess", causes->excess},
       {"from_work", causes->work},
       {"from_elsewhere", causes->elsewhere}}};
}

std::optional<Finding> slow_unit(const WorkProfile& profile) {
  const UnitLoad* slowest = nullptr;
  double most = 1.0 + kSlowUnit;
  std::size_t slow = 0;
  for (const UnitLoad& unit : profile.units.units) {
    const auto ratio = time_over_prediction(profile, unit);
    if (!ratio || *ratio < 1.0 + kSlowUnit) continue;
    ++slow;
    if (*ratio < most) continue;
    most = *ratio;
    slowest = &unit;
  }
  if (slowest == nullptr) return std::nullopt;
  return Finding{FindingSeverity::kWarning,
                 "slow-unit",
                 fmt::format("{}'s {} take {} longer than their tiles explain{}",
                             name_of_unit(profile, *slowest),
                             counted(static_cast<std::size_t>(slowest->records), "item"),
                             share_text(most - 1.0), more_units(slow - 1)),
                 most - 1.0,
                 {{"unit", static_cast<double>(slowest->id)},
                  {"excess", most - 1.0},
                  {"slow_units", static_cast<double>(slow)}}};
}

std::optional<Finding> idle_units(const WorkProfile& profile) {
  const Balance& units = profile.units;
  if (!units.idle || *units.idle_share < kIdleShare) return std::nullopt;
  const IdleParts& idle = *units.idle;
  return Finding{FindingSeverity::kWarning,
                 "idle",
                 fmt::format("{} stand idle for {} of their time: {}", units_of(profile),
                             share_text(*units.idle_share), idle_text(idle)),
                 *units.idle_share,
                 {{"idle_share", *units.idle_share},
                  {"after", idle.after},
                  {"between", idle.between},
                  {"before", idle.before},
                  {"absent", idle.absent}}};
}

std::optional<Finding> absent_units(const WorkProfile& profile) {
  const Balance& units = profile.units;
  if (units.absent == 0) return std::nullopt;
  const double all = static_cast<double>(units.absent) + static_cast<double>(units.units.size());
  const double share = static_cast<double>(units.absent) / all;
  return Finding{FindingSeverity::kWarning,
                 "absent",
                 fmt::format("{} of {:.0f} {} got no work", units.absent, all, units_of(profile)),
                 share,
                 {{"absent", static_cast<double>(units.absent)}, {"units", all}}};
}

}  // namespace bsfa::analysis
