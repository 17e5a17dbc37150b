// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/work.h"

namespace bsfa::analysis {

/// The work records that figures can be drawn from, in an order that does not depend on the order
/// they came in, and how many had to be set aside.
///
/// Units  nanoseconds of one clock: that of most records.
struct UsableRecords {
  std::vector<core::WorkRecord> ctas;   ///< about a whole CTA or worker, by start
  std::vector<core::WorkRecord> warps;  ///< about one warp, by start
  core::ClockDomain clock = core::ClockDomain::kNone;

  std::int64_t without_clock = 0;  ///< set aside: no clock was read
  std::int64_t other_clock = 0;    ///< set aside: times of another clock than most
  std::int64_t backwards = 0;      ///< set aside: they end before they start
  std::int64_t contradicting = 0;  ///< set aside: more tiles kept than seen, or a warp below -1
  std::int64_t set_aside() const { return without_clock + other_clock + backwards + contradicting; }
};

/// Sorts records out. Equal numbers of records by two clocks: the device's clock wins.
UsableRecords usable_records(std::span<const core::WorkRecord> records);

inline double duration_ns(const core::WorkRecord& record) {
  return static_cast<double>(record.end_ns - record.start_ns);
}

/// What a unit is called where this clock is read: "SM" or "worker".
std::string_view unit_name(core::ClockDomain clock) noexcept;

}  // namespace bsfa::analysis
