// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "traces/reader.h"

namespace bsfa::traces {

/// A trace's work records as Chrome/Perfetto JSON.
struct PerfettoExport {
  std::string json;
  std::int64_t items = 0;      ///< work items that the trace holds
  std::int64_t shown = 0;      ///< as events
  std::int64_t capped = 0;     ///< left out as shorter than those shown
  std::int64_t set_aside = 0;  ///< left out: without a clock, or ending before they start
};

/// One process "SMs" or "workers" for each clock, a thread for each unit (more where items overlap
/// on it, as CTAs of one SM do) with its work items as complete events, and a counter of the tiles
/// that each unit has kept. Times count from the first start by that clock. Of more than max_events
/// items the longest are shown, and the document says so; counters count those left out too.
/// Records about single warps are not shown.
///
/// Errors  throws core::InputError where the trace cannot be read.
PerfettoExport export_perfetto(const TraceReader& reader, std::int64_t max_events);

}  // namespace bsfa::traces
