// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/current_device.h"
#include "profiler/host/collectors.h"

namespace bsfa::profiler {

/// collect_counters on a device by a library.
///
/// A launch that is one kernel is counted from its first to its last cycle; CUPTI runs it again for
/// each pass and puts back what it wrote. One that is several is counted as a whole, from before
/// the first to after the last, and repeated as a whole.
CountersResult collect_counters(const CuptiLibrary& cupti, const CurrentDevice& device,
                                const Launches& launches, const std::vector<MetricSet>& sets);

}  // namespace bsfa::profiler
