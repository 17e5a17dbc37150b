// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <cupti_result.h>

namespace bsfa::test {

/// One sample of a fake device.
struct FakeSample {
  std::uint64_t start_ns, end_ns;
  double active;  ///< value of sm__cycles_active
};

/// The profiling part of a CUPTI without a device: what it answers, and what it was asked. Plain
/// memory, because it is in a library that a test loads.
struct FakeProfiler {
  // Answers.
  int fail_call = 0;                    ///< the how manieth call fails, from 1; 0: none
  CUptiResult failure = CUPTI_SUCCESS;  ///< with this
  std::size_t passes = 3;               ///< of any counters; samples have as many
  std::size_t too_many_metrics = 1000;  ///< from so many on, samples take another pass
  std::size_t kernels = 1;              ///< of a launch, each a range
  std::size_t ranges_dropped = 0;
  std::size_t passes_never_end = 0;  ///< 1: a pass is asked for again and again
  const FakeSample* samples = nullptr;
  std::size_t sample_count = 0;
  bool overflow = false;

  // What it has seen.
  int calls = 0;
  const char* failed_call = nullptr;
  const char* last_call = nullptr;
  int open = 0;    ///< interfaces, host objects, profilers and runs that were not closed again
  int starts = 0;  ///< runs that were counted or sampled
  int pushes = 0;  ///< of them as a whole
  std::uint64_t interval_ns = 0;
  std::uint32_t room = 0;  ///< samples
};

/// Its only exported symbol beside CUPTI's own: "bsfa_fake_profiler".
using FakeProfilerFunction = FakeProfiler* (*)();

/// Of every metric but sm__cycles_active, whose value in samples is the sample's: the length of its
/// name, and in samples the sample's number added.
inline double fake_value(std::size_t name_length, std::size_t sample) {
  return static_cast<double>(name_length + sample);
}

}  // namespace bsfa::test
