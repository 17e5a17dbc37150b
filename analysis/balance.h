// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis/work_records.h"

namespace bsfa::analysis {

/// Among what the work is shared out. A warpgroup is four warps of one CTA.
enum class BalanceLevel { kUnit, kCta, kWarpgroup, kWarp };
std::string_view name_of(BalanceLevel level) noexcept;

/// What one unit, CTA, warpgroup or warp did. Times count from the span's start.
struct UnitLoad {
  std::uint32_t id = 0;      ///< SM or worker; CTA at the other levels
  std::int32_t part = -1;    ///< warpgroup or warp of the CTA; -1 at the levels above
  std::int64_t records = 0;  ///< work items
  double busy_ns = 0.0;      ///< length of the union of its records: two CTAs at once count once
  double load_ns = 0.0;      ///< sum of their durations: two CTAs at once count twice
  double first_ns = 0.0;     ///< start of the first
  double last_ns = 0.0;      ///< end of the last
  double seen = 0.0;         ///< tiles
  double kept = 0.0;
};

/// Where the idle share comes from; the four add up to it.
struct IdleParts {
  double absent = 0.0;   ///< units without any record
  double before = 0.0;   ///< before each unit's first item
  double between = 0.0;  ///< between its items
  double after = 0.0;    ///< after its last item
};

/// How evenly work was shared out at one level.
///
/// With U units (those with records and, at the level of units, those expected that have none),
/// b_u the busy time of unit u, 0 where it has no record, and the span from the first start to
/// the last end of any record of the level:
///
///   mean_busy_ns   Σ b_u / U
///   max_over_mean  max b_u / mean
///   variation      sqrt(Σ (b_u - mean)² / U) / mean, the coefficient of variation
///   tail_share     (last end of all - least over units with records of their last end) / span:
///                  the share of the span after the first unit ran out of work for good
///   idle_share     1 - Σ b_u / (U · span)
///   within_cta     Σ over CTAs of max b / Σ over CTAs of mean b, over the CTA's own warps or
///                  warpgroups; none at the levels above
///
/// A figure whose denominator is 0 is none. Where a grid is not persistent a CTA lives for one
/// item: then tail and idle share of the level of CTAs say how CTAs lie in time, not that anything
/// stood idle.
struct Balance {
  BalanceLevel level = BalanceLevel::kUnit;
  std::vector<UnitLoad> units;  ///< those with records, by id and part
  std::int64_t absent = 0;      ///< units that were expected and have none
  double span_ns = 0.0;
  double busy_ns = 0.0;  ///< Σ b_u
  double load_ns = 0.0;  ///< sum of all durations
  std::size_t busiest = 0;
  std::optional<double> mean_busy_ns, max_over_mean, variation, tail_share, idle_share, within_cta;
  std::optional<IdleParts> idle;
};

/// Measures one level. expected_units, for instance the SMs of the device, adds those without work
/// at the level of units; a number below that of the units seen adds none.
Balance balance_of(const UsableRecords& records, BalanceLevel level,
                   std::optional<std::int64_t> expected_units = std::nullopt);

}  // namespace bsfa::analysis
