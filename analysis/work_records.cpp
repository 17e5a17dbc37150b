// SPDX-License-Identifier: Apache-2.0
#include "analysis/work_records.h"

#include <algorithm>
#include <tuple>

namespace bsfa::analysis {
namespace {

using core::ClockDomain;

ClockDomain clock_of_most(std::span<const core::WorkRecord> records) {
  const auto read_by = [&](ClockDomain clock) {
    return std::count_if(records.begin(), records.end(),
                         [&](const auto& record) { return record.clock == clock; });
  };
  const auto host = read_by(ClockDomain::kMonotonicNs);
  const auto device = read_by(ClockDomain::kGlobaltimerNs);
  if (host == 0 && device == 0) return ClockDomain::kNone;
  return host > device ? ClockDomain::kMonotonicNs : ClockDomain::kGlobaltimerNs;
}

auto place_in_order(const core::WorkRecord& r) {
  return std::tie(r.start_ns, r.end_ns, r.unit, r.cta, r.warp, r.batch, r.head, r.q_block,
                  r.k_block_begin, r.pass, r.tiles_seen, r.tiles_kept);
}

}  // namespace

UsableRecords usable_records(std::span<const core::WorkRecord> records) {
  UsableRecords usable;
  usable.clock = clock_of_most(records);
  for (const core::WorkRecord& record : records) {
    if (record.clock == ClockDomain::kNone) {
      ++usable.without_clock;
    } else if (record.clock != usable.clock) {
      ++usable.other_clock;
    } else if (record.end_ns < record.start_ns) {
      ++usable.backwards;
    } else if (record.tiles_kept > record.tiles_seen || record.warp < -1) {
      ++usable.contradicting;
    } else {
      (record.warp < 0 ? usable.ctas : usable.warps).push_back(record);
    }
  }
  for (auto* sorted : {&usable.ctas, &usable.warps}) {
    std::sort(sorted->begin(), sorted->end(),
              [](const auto& a, const auto& b) { return place_in_order(a) < place_in_order(b); });
  }
  return usable;
}

std::string_view unit_name(ClockDomain clock) noexcept {
  return clock == ClockDomain::kGlobaltimerNs ? "SM" : "worker";
}

}  // namespace bsfa::analysis
