// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "traces/src/timeline_items.h"

namespace bsfa::traces {

/// One time base for what other clocks timed, and other launches of the same problem.
///
/// Work items of one clock keep their distances, and the first by each clock is at one point. A
/// layer's launch starts with its first work item; the span of a kernel stands for the launch too,
/// and is put there with all other spans of the layer around it, and so is the first sample. Which
/// kernel: of those of the name that took longest in all, the one nearest to the work records,
/// since their globaltimer counts with CLOCK_REALTIME; the last where there are none.
///
/// Times   are never negative: what comes before the first launch moves all the rest. Those that
///         64 bits cannot hold end at the largest value.
class TimeBase {
 public:
  explicit TimeBase(const TimelineContent& content);

  std::uint64_t of_item(core::ClockDomain clock, std::uint64_t at_ns) const;
  std::uint64_t of_span(std::int64_t layer, std::uint64_t realtime_ns) const;
  std::uint64_t of_sample(std::int64_t layer, std::uint64_t after_launch_ns) const;

  /// For people: what stands for the launch of each layer that has a profile.
  std::vector<std::string> notes() const;

 private:
  /// One layer's launch.
  struct Launch {
    std::uint64_t at_ns = 0;       ///< in the time base, before lead_ns_ is added
    std::uint64_t span_at_ns = 0;  ///< in CLOCK_REALTIME
    std::string note;
  };

  void find_origins(const TimelineContent& content);
  void add_launch(const TimelineContent& content, const LayerProfile& of);
  void spread_launches();
  void find_lead(const TimelineContent& content);

  std::map<core::ClockDomain, std::uint64_t> origins_;  ///< first start by each clock
  std::map<std::int64_t, Launch> launches_;             ///< by layer
  std::uint64_t lead_ns_ = 0;  ///< from the first span to the first launch, where that is earlier
};

}  // namespace bsfa::traces
