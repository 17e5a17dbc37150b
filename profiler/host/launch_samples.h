// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "profiler/host/collectors.h"

namespace bsfa::profiler {

/// What was sampled from `start_ns` to `end_ns` of the device's clock.
struct RawSample {
  std::uint64_t start_ns = 0, end_ns = 0;
  std::vector<double> values;  ///< one for each metric
};

/// What there was around and during one launch.
struct RawSamples {
  std::vector<std::string> metrics;
  std::vector<RawSample> samples;
  std::uint64_t interval_ns = 0;
  std::uint64_t launch_ns = 0;  ///< at least as long as the launch took
  bool complete = true;         ///< false: there were more samples than there was room for
};

/// Whether nothing of the launch is missing at its end, even where there was too little room.
bool reaches_end(const RawSamples& raw);

/// Those of the launch, with times from its start: see SamplesResult.
///
/// Errors  throws Refused where the launch is in none of them.
SamplesResult samples_of_launch(RawSamples raw);

}  // namespace bsfa::profiler
