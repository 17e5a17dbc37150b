// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "traces/reader.h"

namespace bsfa::traces {

/// What a trace says of time, as Chrome/Perfetto JSON.
struct PerfettoExport {
  std::string json;
  std::int64_t items = 0;      ///< work items that the trace holds
  std::int64_t shown = 0;      ///< as events
  std::int64_t capped = 0;     ///< left out as shorter than those shown
  std::int64_t set_aside = 0;  ///< left out: without a clock, or ending before they start
  std::int64_t spans = 0, spans_shown = 0, spans_capped = 0, spans_set_aside = 0;  ///< the same
  std::int64_t samples = 0, samples_shown = 0;
  std::int64_t sample_step = 1;  ///< of so many samples one is shown

  bool empty() const noexcept { return shown == 0 && spans_shown == 0 && samples_shown == 0; }
};

/// One process "SMs" or "workers" for each clock, a thread for each unit (more where items overlap
/// on it, as CTAs of one SM do) with its work items as complete events, and a counter of the tiles
/// that each unit has kept. Times count from the first start by that clock. Records about single
/// warps are not shown.
///
/// Where the trace holds profiles: a process "host" with NVTX ranges, nested, a thread for each of
/// theirs; "device" with kernels, copies and fills, a thread for each stream; "samples" with a
/// counter for each sampled metric. Launch is laid upon launch, as traces/src/time_base.h says.
///
/// Of more than max_events work items, or spans, the longest are shown; of more samples one in so
/// many. The document says so; counters of kept tiles count items left out too.
///
/// Errors  throws core::InputError where the trace cannot be read.
PerfettoExport export_perfetto(const TraceReader& reader, std::int64_t max_events);

}  // namespace bsfa::traces
