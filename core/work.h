// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "core/problem.h"

namespace bsfa::core {

/// One Q block of one head of one batch entry: the unit of work, of checking and of sampling.
struct WorkItem {
  std::int64_t batch = 0;
  std::int64_t head = 0;
  std::int64_t q_block = 0;
  friend auto operator<=>(const WorkItem&, const WorkItem&) = default;
};

/// Every Q block of a problem, in order.
std::vector<WorkItem> all_work_items(const Problem& problem);

enum class ClockDomain : std::uint8_t { kNone = 0, kMonotonicNs = 1, kGlobaltimerNs = 2 };

/// What one worker did for one work item; the fields are those of the kernel interface.
struct WorkRecord {
  std::int32_t batch = 0;
  std::int32_t head = 0;
  std::int32_t q_block = 0;
  std::int32_t k_block_begin = 0;
  std::int32_t k_block_end = 0;
  std::uint32_t pass = 0;
  std::uint32_t unit = 0;  ///< SM, or worker thread
  std::uint32_t cta = 0;
  std::int32_t warp = -1;  ///< -1: the whole CTA or worker
  ClockDomain clock = ClockDomain::kNone;
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint64_t tiles_seen = 0;
  std::uint64_t tiles_kept = 0;
  std::uint64_t qk_products = 0;
  std::uint64_t pv_products = 0;
};

}  // namespace bsfa::core
