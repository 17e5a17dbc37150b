// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"

namespace bsfa::traces {

/// What became of one thing that a profile was asked for.
struct Facility {
  enum class Status : std::uint8_t { kDone, kRefused };
  std::string name;  ///< "time", "activity", "work", "counters", "samples", "stalls", ...
  Status status = Status::kDone;
  std::string refusal;             ///< of what refused, in its own words; empty where done
  std::string advice;              ///< what to do about that
  double wall_ms = 0.0;            ///< what collecting took in all
  std::optional<double> slowdown;  ///< kernel time while collecting over its time without, less 1
  std::uint64_t dropped = 0;       ///< records, samples or addresses that were lost
};

/// Launches of one variant of the problem, interleaved with the others, each behind a flushed
/// cache.
struct LaunchTimes {
  std::string variant;  ///< "none", "work", "warps": levels; "dense": level none, gating off
  std::vector<double> times_ns;
};

/// Where a piece of time was spent.
enum class SpanKind : std::uint8_t {
  kRange = 0,   ///< NVTX range of the host
  kKernel = 1,  ///< of the device
  kCopy = 2,
  kFill = 3,
};

struct Span {
  SpanKind kind = SpanKind::kRange;
  std::string name;
  std::uint64_t start_ns = 0, end_ns = 0;  ///< CLOCK_REALTIME
  std::uint32_t depth = 0;                 ///< of a range: how many enclose it on its thread
  std::uint64_t track = 0;                 ///< thread of a range, stream of the others
  std::uint64_t bytes = 0;                 ///< of a copy or fill
};

/// One metric of one launch, summed or averaged over the device as its name says.
struct Counter {
  std::string set;     ///< that it was asked for with
  std::string metric;  ///< in the profiling library's own terms
  double value = 0.0;  ///< NaN where the device gave none
};

/// A time series over one launch; every series has one value for each sample.
struct SampleSeries {
  std::string metric;
  std::vector<float> values;
};
struct Samples {
  std::uint64_t interval_ns = 0;        ///< asked for
  std::vector<std::uint64_t> start_ns;  ///< of each sample, ascending, from the launch's start
  std::vector<SampleSeries> series;
};

/// Samples of warps at one source line for one reason.
struct StallLine {
  std::string function;  ///< of the device, demangled
  std::string file;  ///< below the folder it was found in, else as the line table has it; or empty
  std::uint32_t line = 0;
  std::string text;    ///< the line itself; empty where the file was not found
  std::string reason;  ///< in the profiling library's own terms
  std::uint64_t samples = 0;
};

/// All that was measured of one layer's launch, which computes all of its batch entries.
struct Profile {
  std::vector<Facility> facilities;
  std::int64_t multiprocessors = 0;  ///< worker threads of a host kernel
  core::GateShape compute_tile;      ///< of one tile product; 0x0 where the kernel does not say
  std::uint64_t tensor_per_qk = 0, tensor_per_pv = 0;  ///< declared instructions of a product
  std::vector<LaunchTimes> times;
  std::vector<Span> spans;  ///< sorted by start
  std::vector<Counter> counters;
  std::optional<Samples> samples;
  std::vector<StallLine> stalls;
  std::string findings;  ///< JSON: conclusions in words with their numbers
};

}  // namespace bsfa::traces
