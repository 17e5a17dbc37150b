// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "traces/chrome_trace.h"
#include "traces/src/time_base.h"
#include "traces/src/timeline_items.h"

namespace bsfa::traces {

/// Adds process "host" with a row for each thread's ranges, more where they cross, and process
/// "device" with a row for each stream's kernels, copies and fills, more where they overlap.
void add_spans(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
               const std::string& label);

struct SamplesShown {
  std::int64_t all = 0;    ///< samples of the trace, each with a value of every metric
  std::int64_t shown = 0;  ///< of which every `step`th is shown
  std::int64_t step = 1;
};
/// Which samples make no more than max_events events.
SamplesShown thin_samples(const TimelineContent& content, std::int64_t max_events);

/// Adds process "samples" with a counter for each metric; values that are NaN are left out.
void add_samples(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
                 const SamplesShown& which, const std::string& label);

}  // namespace bsfa::traces
