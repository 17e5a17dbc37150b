// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "traces/chrome_trace.h"
#include "traces/src/time_base.h"
#include "traces/src/timeline_items.h"

namespace bsfa::traces {

/// Adds a process for each clock, with a row for each unit that it timed and a counter of the tiles
/// that the unit has kept. `label` says what is left out.
void add_units(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
               const std::string& label);

}  // namespace bsfa::traces
