// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/run_control.h"
#include "profiler/host/metric_sets.h"
#include "profiler/host/refused.h"
#include "traces/profile.h"

namespace bsfa::profiler {

/// What a build can collect of device launches; one source file serves builds with the CUDA
/// toolkit, another those without, in which every collector is refused.
///
/// Errors   every function throws Refused; what a launch throws passes through, with the collector
///          shut down first.
/// Threads  one collector at a time in a process: the hardware counts for one only.

/// Runs the kernel once on the current device and waits for it.
using Launch = std::function<void()>;

/// What a collector launches, so that whoever asked for it can tell which launches it disturbed.
struct Launches {
  /// The same for both.
  template <std::convertible_to<Launch> Either>
  Launches(const Either& either) : warm_up(either), measured(either) {}
  Launches(Launch warm_up_launch, Launch measured_launch)
      : warm_up(std::move(warm_up_launch)), measured(std::move(measured_launch)) {}

  Launch warm_up;   ///< runs as it would without the collector
  Launch measured;  ///< runs while the collector counts or samples
};

/// Everything that the process does on the device, and its NVTX ranges, from begin to end.
class ActivityRecorder {
 public:
  virtual ~ActivityRecorder() = default;
  /// Sorted by start, in CLOCK_REALTIME. Nothing is recorded afterwards.
  virtual std::vector<traces::Span> finish() = 0;
  /// Records that were lost because buffers were full; to be asked after finish().
  virtual std::uint64_t dropped() const = 0;
};
std::unique_ptr<ActivityRecorder> record_activity();

/// Metrics of one launch, replayed as often as the hardware needs passes.
struct CountersResult {
  std::vector<traces::Counter> counters;
  std::uint64_t passes = 0;
  std::vector<std::string> unknown;  ///< metrics that this GPU does not have; their value is NaN
};
CountersResult collect_counters(const Launches& launches, const std::vector<MetricSet>& sets);

/// A time series over one launch. It begins with the first sample in which an SM is active and ends
/// with the last, so that the launch begins within the first sample; where no metric says which SMs
/// are active (sm__cycles_active), it holds all samples from just before the launch to after it.
/// A launch should be the kernel alone: what else it does on the device shows in the samples too.
struct SamplesResult {
  traces::Samples samples;           ///< the interval is wider than asked where there were too many
  std::uint64_t dropped = 0;         ///< samples that are missing in between or at the end
  std::vector<std::string> unknown;  ///< metrics that this GPU does not have; they have no series
};
SamplesResult collect_samples(const Launches& launches, const std::vector<std::string>& metrics,
                              std::uint64_t interval_ns);

/// Stall reasons by source line over `most_launches` launches, fewer where they are long, and with
/// fewer samples where a single one is. To be called in a process that uses no other collector:
/// beside them it gives no addresses.
struct StallsResult {
  std::vector<traces::StallLine> stalls;
  std::uint64_t samples = 0;  ///< of all warps, those without a known line included
  std::uint64_t dropped = 0;
};
StallsResult collect_stalls(const Launches& launches, int most_launches,
                            const std::vector<std::string>& source_folders);

/// Keeps the device code that the process loads from here on, which says what line an address is
/// of. To be called before the process's first CUDA call where stalls will be collected:
/// samples in code that was loaded earlier have no line.
void keep_modules();

}  // namespace bsfa::profiler
