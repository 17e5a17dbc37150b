// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/random.h"
#include "core/work.h"

namespace bsfa::analysis {

/// Work records as a persistent kernel would leave them, with costs that are known.
///
/// Items are taken in order by whichever unit is free first. Times are whole nanoseconds.
struct Launch {
  std::uint32_t units = 8;
  double per_item_ns = 2000.0, per_seen_ns = 300.0, per_kept_ns = 200.0;
  std::uint64_t origin_ns = 1'000'000'000'000;
  std::vector<std::uint64_t> free_at = std::vector<std::uint64_t>(units, origin_ns);
  std::vector<core::WorkRecord> records;

  std::uint64_t cost_ns(std::uint64_t seen, std::uint64_t kept) const {
    return static_cast<std::uint64_t>(per_item_ns + per_seen_ns * static_cast<double>(seen) +
                                      per_kept_ns * static_cast<double>(kept));
  }
  core::WorkRecord& run_on(std::uint32_t unit, std::int32_t head, std::int32_t q_block,
                           std::uint64_t seen, std::uint64_t kept) {
    core::WorkRecord r;
    r.head = head;
    r.q_block = q_block;
    r.k_block_end = static_cast<std::int32_t>(seen);
    r.unit = r.cta = unit;
    r.clock = core::ClockDomain::kGlobaltimerNs;
    r.start_ns = free_at[unit];
    r.end_ns = free_at[unit] += cost_ns(seen, kept);
    r.tiles_seen = r.qk_products = seen;
    r.tiles_kept = r.pv_products = kept;
    return records.emplace_back(r);
  }
  core::WorkRecord& run(std::int32_t head, std::int32_t q_block, std::uint64_t seen,
                        std::uint64_t kept) {
    const auto free = std::min_element(free_at.begin(), free_at.end()) - free_at.begin();
    return run_on(static_cast<std::uint32_t>(free), head, q_block, seen, kept);
  }
};

/// Heads of equal Q blocks that all see and keep as much: nothing to complain of.
inline Launch uniform_launch(std::uint32_t units = 8, std::int32_t heads = 8,
                             std::int32_t q_blocks = 32) {
  Launch launch;
  launch.units = units;
  launch.free_at.assign(units, launch.origin_ns);
  for (std::int32_t h = 0; h < heads; ++h) {
    for (std::int32_t m = 0; m < q_blocks; ++m) launch.run(h, m, 64, 8);
  }
  return launch;
}

/// Causal heads, longest items first, with kept tiles that vary; still even.
inline Launch causal_launch(std::uint32_t units = 8, std::int32_t heads = 8,
                            std::int32_t q_blocks = 64, std::uint64_t seed = 1) {
  Launch launch;
  launch.units = units;
  launch.free_at.assign(units, launch.origin_ns);
  core::SplitMix64 random(seed);
  for (std::int32_t m = q_blocks; m-- > 0;) {
    for (std::int32_t h = 0; h < heads; ++h) {
      const auto seen = static_cast<std::uint64_t>(2 * m + 2);
      launch.run(h, m, seen, 2 + random.below(seen / 4 + 1));
    }
  }
  return launch;
}

}  // namespace bsfa::analysis
