// SPDX-License-Identifier: Apache-2.0
#include "analysis/balance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

namespace bsfa::analysis {
namespace {

constexpr std::int32_t kWarpsPerGroup = 4;

using Place = std::pair<std::uint32_t, std::int32_t>;

Place place_of(const core::WorkRecord& record, BalanceLevel level) {
  switch (level) {
    case BalanceLevel::kUnit:
      return {record.unit, -1};
    case BalanceLevel::kCta:
      return {record.cta, -1};
    case BalanceLevel::kWarpgroup:
      return {record.cta, record.warp / kWarpsPerGroup};
    case BalanceLevel::kWarp:
      break;
  }
  return {record.cta, record.warp};
}

/// One unit's load while its records arrive by start.
class Collector {
 public:
  void add(const core::WorkRecord& record, std::uint64_t origin_ns) {
    const std::uint64_t start = record.start_ns - origin_ns, end = record.end_ns - origin_ns;
    if (load_.records == 0) load_.first_ns = static_cast<double>(start);
    ++load_.records;
    if (end > busy_until_) {
      load_.busy_ns += static_cast<double>(end - std::max(start, busy_until_));
      busy_until_ = end;
    }
    load_.load_ns += duration_ns(record);
    load_.last_ns = static_cast<double>(busy_until_);
    load_.seen += static_cast<double>(record.tiles_seen);
    load_.kept += static_cast<double>(record.tiles_kept);
  }
  UnitLoad finish(const Place& place) {
    load_.id = place.first;
    load_.part = place.second;
    return load_;
  }

 private:
  UnitLoad load_;
  std::uint64_t busy_until_ = 0;
};

void measure_span(Balance& balance, const std::vector<core::WorkRecord>& records) {
  const std::uint64_t origin = records.front().start_ns;
  std::uint64_t end = origin;
  std::map<Place, Collector> collectors;
  for (const core::WorkRecord& record : records) {
    end = std::max(end, record.end_ns);
    collectors[place_of(record, balance.level)].add(record, origin);
  }
  balance.span_ns = static_cast<double>(end - origin);
  for (auto& [place, collector] : collectors) balance.units.push_back(collector.finish(place));
}

void measure_spread(Balance& balance, double count) {
  const double mean = balance.busy_ns / count;
  balance.mean_busy_ns = mean;
  if (!(mean > 0.0)) return;
  balance.max_over_mean = balance.units[balance.busiest].busy_ns / mean;
  double squares = static_cast<double>(balance.absent) * mean * mean;
  for (const UnitLoad& unit : balance.units) {
    squares += (unit.busy_ns - mean) * (unit.busy_ns - mean);
  }
  balance.variation = std::sqrt(squares / count) / mean;
}

void measure_idle(Balance& balance, double count) {
  if (!(balance.span_ns > 0.0)) return;
  const double capacity = count * balance.span_ns;
  double first_end = balance.span_ns, before = 0.0, after = 0.0;
  for (const UnitLoad& unit : balance.units) {
    first_end = std::min(first_end, unit.last_ns);
    before += unit.first_ns;
    after += balance.span_ns - unit.last_ns;
  }
  balance.tail_share = (balance.span_ns - first_end) / balance.span_ns;
  balance.idle_share = 1.0 - balance.busy_ns / capacity;
  IdleParts idle{static_cast<double>(balance.absent) / count, before / capacity, 0.0,
                 after / capacity};
  idle.between = std::max(0.0, *balance.idle_share - idle.absent - idle.before - idle.after);
  balance.idle = idle;
}

/// Units are sorted by CTA, so that each CTA's warps are neighbours.
std::optional<double> spread_within_ctas(std::span<const UnitLoad> units) {
  double largest = 0.0, mean = 0.0;
  for (std::size_t begin = 0; begin < units.size();) {
    std::size_t end = begin;
    double sum = 0.0, most = 0.0;
    for (; end < units.size() && units[end].id == units[begin].id; ++end) {
      sum += units[end].busy_ns;
      most = std::max(most, units[end].busy_ns);
    }
    largest += most;
    mean += sum / static_cast<double>(end - begin);
    begin = end;
  }
  return mean > 0.0 ? std::optional(largest / mean) : std::nullopt;
}

}  // namespace

std::string_view name_of(BalanceLevel level) noexcept {
  switch (level) {
    case BalanceLevel::kUnit:
      return "unit";
    case BalanceLevel::kCta:
      return "CTA";
    case BalanceLevel::kWarpgroup:
      return "warpgroup";
    case BalanceLevel::kWarp:
      break;
  }
  return "warp";
}

Balance balance_of(const UsableRecords& records, BalanceLevel level,
                   std::optional<std::int64_t> expected_units) {
  const bool by_warp = level == BalanceLevel::kWarpgroup || level == BalanceLevel::kWarp;
  const auto& chosen = by_warp ? records.warps : records.ctas;
  Balance balance;
  balance.level = level;
  if (chosen.empty()) return balance;
  measure_span(balance, chosen);
  if (level == BalanceLevel::kUnit && expected_units) {
    const auto seen = static_cast<std::int64_t>(balance.units.size());
    balance.absent = std::max<std::int64_t>(*expected_units - seen, 0);
  }
  for (std::size_t i = 0; i < balance.units.size(); ++i) {
    balance.busy_ns += balance.units[i].busy_ns;
    balance.load_ns += balance.units[i].load_ns;
    if (balance.units[i].busy_ns > balance.units[balance.busiest].busy_ns) balance.busiest = i;
  }
  const double count =
      static_cast<double>(balance.units.size()) + static_cast<double>(balance.absent);
  measure_spread(balance, count);
  measure_idle(balance, count);
  if (by_warp) balance.within_cta = spread_within_ctas(balance.units);
  return balance;
}

}  // namespace bsfa::analysis
