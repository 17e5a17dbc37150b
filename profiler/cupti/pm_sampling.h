// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/current_device.h"
#include "profiler/host/collectors.h"

namespace bsfa::profiler {

/// Of one launch: a second to decode, and some hundred megabytes while they are. A longer launch is
/// sampled less often.
inline constexpr std::uint64_t kMostSamples = 8192;

/// collect_samples on a device by a library.
SamplesResult collect_samples(const CuptiLibrary& cupti, const CurrentDevice& device,
                              const Launches& launches, const std::vector<std::string>& metrics,
                              std::uint64_t interval_ns);

}  // namespace bsfa::profiler
