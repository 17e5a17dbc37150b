// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/work_groups.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace bsfa::gui {
namespace {

constexpr double kNsPerUs = 1e3;
constexpr std::int32_t kWarpsPerGroup = 4;
constexpr std::size_t kMostBars = 40;

using Records = std::vector<core::WorkRecord>;

WorkPlace place_of(const core::WorkRecord& record, std::uint64_t origin_ns) {
  const double start = static_cast<double>(record.start_ns - origin_ns);
  return {record.batch, record.head, record.q_block, record.unit,
          start + analysis::duration_ns(record) / 2.0};
}

WorkGroup items_of(const Records& records) {
  WorkGroup group{WorkLevel::kItem, QStringLiteral("work item"), {}};
  group.members.reserve(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    WorkMember one;
    one.id = static_cast<std::uint32_t>(i);
    one.time_us = analysis::duration_ns(records[i]) / kNsPerUs;
    one.kept = static_cast<double>(records[i].tiles_kept);
    one.seen = static_cast<double>(records[i].tiles_seen);
    one.longest = place_of(records[i], records.front().start_ns);
    group.members.push_back(one);
  }
  return group;
}

std::pair<std::uint32_t, std::int32_t> owner_of(const core::WorkRecord& record, WorkLevel level) {
  switch (level) {
    case WorkLevel::kItem:
    case WorkLevel::kUnit:
      return {record.unit, -1};
    case WorkLevel::kCta:
      return {record.cta, -1};
    case WorkLevel::kWarpgroup:
      return {record.cta, record.warp / kWarpsPerGroup};
    case WorkLevel::kWarp:
      return {record.cta, record.warp};
  }
  return {};
}

/// The loads that analysis measured, each with the longest of its records.
WorkGroup group_of(WorkLevel level, const QString& name, const analysis::Balance& balance,
                   const Records& records) {
  WorkGroup group{level, name, {}};
  std::map<std::pair<std::uint32_t, std::int32_t>, const core::WorkRecord*> longest;
  for (const core::WorkRecord& record : records) {
    const core::WorkRecord*& known = longest[owner_of(record, level)];
    if (known == nullptr || analysis::duration_ns(record) > analysis::duration_ns(*known))
      known = &record;
  }
  for (const analysis::UnitLoad& load : balance.units) {
    WorkMember one{load.id,   load.part, load.busy_ns / kNsPerUs,
                   load.kept, load.seen, static_cast<double>(load.records),
                   {}};
    const auto found = longest.find({load.id, load.part});
    if (found != longest.end()) one.longest = place_of(*found->second, records.front().start_ns);
    group.members.push_back(one);
  }
  return group;
}

std::vector<double> values_of(const WorkGroup& group, WorkQuantity quantity) {
  std::vector<double> values;
  values.reserve(group.members.size());
  for (const WorkMember& member : group.members) values.push_back(value_of(member, quantity));
  return values;
}

}  // namespace

QString name_of(WorkQuantity quantity) {
  switch (quantity) {
    case WorkQuantity::kTime:
      return QStringLiteral("time");
    case WorkQuantity::kKept:
      return QStringLiteral("tiles kept");
    case WorkQuantity::kSeen:
      return QStringLiteral("tiles seen");
    case WorkQuantity::kItems:
      return QStringLiteral("work items");
  }
  return {};
}

QString unit_of(WorkQuantity quantity) {
  if (quantity == WorkQuantity::kTime) return QStringLiteral("µs");
  return quantity == WorkQuantity::kItems ? QStringLiteral("items") : QStringLiteral("tiles");
}

double value_of(const WorkMember& member, WorkQuantity quantity) {
  switch (quantity) {
    case WorkQuantity::kTime:
      return member.time_us;
    case WorkQuantity::kKept:
      return member.kept;
    case WorkQuantity::kSeen:
      return member.seen;
    case WorkQuantity::kItems:
      return member.items;
  }
  return 0.0;
}

QString name_of(const WorkGroup& group, const WorkMember& member) {
  const WorkPlace& at = member.longest;
  switch (group.level) {
    case WorkLevel::kItem: {
      const QString name = QStringLiteral("head %1, Q block %2").arg(at.head).arg(at.q_block);
      return at.batch == 0 ? name : QStringLiteral("batch entry %1, ").arg(at.batch) + name;
    }
    case WorkLevel::kUnit:
    case WorkLevel::kCta:
      return QStringLiteral("%1 %2").arg(group.name).arg(member.id);
    case WorkLevel::kWarpgroup:
    case WorkLevel::kWarp:
      return QStringLiteral("CTA %1, %2 %3").arg(member.id).arg(group.name).arg(member.part);
  }
  return {};
}

std::vector<WorkGroup> work_groups(const analysis::WorkProfile& work) {
  std::vector<WorkGroup> groups;
  const Records &ctas = work.records.ctas, &warps = work.records.warps;
  const Records& whole = ctas.empty() ? warps : ctas;
  if (whole.empty()) return groups;
  // A host kernel's worker is a thread, and nothing there is called a CTA.
  const bool is_host = work.records.clock == core::ClockDomain::kMonotonicNs;
  groups.push_back(items_of(whole));
  groups.push_back(group_of(WorkLevel::kUnit,
                            is_host ? QStringLiteral("worker thread") : QStringLiteral("SM"),
                            work.units, whole));
  const auto add = [&](WorkLevel level, const QString& name, const analysis::Balance& balance,
                       const Records& records) {
    if (!balance.units.empty()) groups.push_back(group_of(level, name, balance, records));
  };
  if (!is_host) add(WorkLevel::kCta, QStringLiteral("CTA"), work.ctas, whole);
  add(WorkLevel::kWarpgroup, QStringLiteral("warpgroup"), work.warpgroups, warps);
  add(WorkLevel::kWarp, QStringLiteral("warp"), work.warps, warps);
  return groups;
}

std::int64_t BarHistogram::total() const {
  std::int64_t sum = 0;
  for (const std::int64_t count : counts) sum += count;
  return sum;
}

int BarHistogram::bar_of(double value) const {
  if (counts.empty() || !std::isfinite(value) || !(width > 0.0)) return -1;
  const auto last = static_cast<double>(counts.size());
  const double at = (value - low) / width;
  // The greatest value ends the last bar and is of it; divisions may round beyond either end.
  if (at < -1e-9 || at > last + 1e-9) return -1;
  return static_cast<int>(std::clamp(at, 0.0, last - 0.5));
}

BarHistogram bar_histogram(const QString& title, const QString& unit,
                           std::span<const double> values, std::size_t bars, bool whole) {
  BarHistogram out{title, unit, 0.0, 0.0, {}};
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (!(low <= high) || bars == 0) return out;
  out.low = low;
  if (whole) {
    out.width = std::max(1.0, std::ceil((high - low + 1.0) / static_cast<double>(bars)));
    out.counts.resize(static_cast<std::size_t>(std::ceil((high - low + 1.0) / out.width)));
  } else {
    out.counts.resize(high > low ? bars : 1);
    out.width = high > low ? (high - low) / static_cast<double>(bars) : 1.0;
  }
  for (const double value : values) {
    const int bar = out.bar_of(value);
    if (bar >= 0) ++out.counts[static_cast<std::size_t>(bar)];
  }
  return out;
}

std::pair<BarHistogram, BarHistogram> histograms_of(const WorkGroup& group, const WorkGroup& other,
                                                    WorkQuantity quantity) {
  const std::vector<double> values = values_of(group, quantity),
                            beside = values_of(other, quantity);
  std::vector<double> all = values;
  all.insert(all.end(), beside.begin(), beside.end());
  const QString title = QStringLiteral("%1 per %2").arg(name_of(quantity), group.name);
  // A few units in many bars would be a comb.
  const auto wanted = static_cast<std::size_t>(2.0 * std::sqrt(static_cast<double>(all.size())));
  BarHistogram bars =
      bar_histogram(title, unit_of(quantity), all, std::clamp<std::size_t>(wanted, 8, kMostBars),
                    quantity != WorkQuantity::kTime);
  const auto count = [&](const std::vector<double>& of) {
    std::fill(bars.counts.begin(), bars.counts.end(), 0);
    for (const double value : of) {
      const int bar = bars.bar_of(value);
      if (bar >= 0) ++bars.counts[static_cast<std::size_t>(bar)];
    }
    return bars;
  };
  BarHistogram first = count(values);
  if (beside.empty()) return {std::move(first), BarHistogram()};
  return {std::move(first), count(beside)};
}

std::vector<std::size_t> members_in(const WorkGroup& group, WorkQuantity quantity,
                                    const BarHistogram& bars, int bar) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < group.members.size(); ++i) {
    if (bars.bar_of(value_of(group.members[i], quantity)) == bar && bar >= 0) found.push_back(i);
  }
  std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) {
    return value_of(group.members[a], quantity) > value_of(group.members[b], quantity);
  });
  return found;
}

}  // namespace bsfa::gui
