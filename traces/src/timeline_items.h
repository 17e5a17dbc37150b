// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/problem.h"
#include "core/work.h"
#include "traces/profile.h"
#include "traces/reader.h"

namespace bsfa::traces {

/// A work item, where it comes from and whether it is among those shown.
struct TimelineItem {
  core::WorkRecord record;
  std::int64_t layer = 0;
  const core::Problem* problem = nullptr;
  bool shown = true;
  std::uint64_t duration_ns() const { return record.end_ns - record.start_ns; }
};

/// The same of a span.
struct TimelineSpan {
  const Span* span = nullptr;
  std::int64_t layer = 0;
  bool shown = true;
  std::uint64_t duration_ns() const { return span->end_ns - span->start_ns; }
};

struct LayerProfile {
  std::int64_t layer = 0;
  Profile profile;
};

/// All of a trace that has a place in time.
///
/// Problems and profiles never change once items and spans point into them.
struct TimelineContent {
  std::vector<core::Problem> problems;  ///< of each sequence
  std::vector<TimelineItem> items;      ///< that can be shown, by start
  std::int64_t all_items = 0, of_warps = 0, items_set_aside = 0;
  bool many_layers = false, many_batches = false;

  std::vector<LayerProfile> profiles;
  std::vector<TimelineSpan> spans;  ///< that can be shown
  std::int64_t all_spans = 0, spans_set_aside = 0;

  /// Whether there is more than work items.
  bool has_spans_or_samples() const {
    return all_spans > 0 || std::any_of(profiles.begin(), profiles.end(), [](const auto& of) {
             return of.profile.samples.has_value();
           });
  }
};

TimelineContent collect_timeline(const TraceReader& reader);

/// Hides all but the longest; of equal ones the earlier are shown. Returns how many are hidden.
template <typename Event>
std::int64_t cap_events(std::vector<Event>& events, std::int64_t most) {
  const auto count = static_cast<std::int64_t>(events.size());
  if (count <= most) return 0;
  std::vector<Event*> by_length;
  by_length.reserve(events.size());
  for (Event& event : events) by_length.push_back(&event);
  std::stable_sort(by_length.begin(), by_length.end(), [](const Event* a, const Event* b) {
    return a->duration_ns() > b->duration_ns();
  });
  for (auto hidden = by_length.begin() + most; hidden != by_length.end(); ++hidden) {
    (*hidden)->shown = false;
  }
  return count - most;
}

}  // namespace bsfa::traces
