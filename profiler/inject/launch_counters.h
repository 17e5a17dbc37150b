// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <cupti_callbacks.h>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/range_session.h"
#include "profiler/cupti/undo.h"
#include "profiler/host/injection_report.h"
#include "profiler/host/metric_sets.h"

namespace bsfa::profiler {

/// Counters of a program's attention-like kernels: of the first launch of each, which the hardware
/// is made to repeat for every pass, its memory put back in between. The program sees one launch
/// with its result, and waits longer.
///
/// Errors   throws Refused where it cannot begin; what is refused later is said in the report, its
///          launch among those lost, and nothing further is counted.
/// Threads  launches may come from any; one at a time is counted, others go by.
class LaunchCounters {
 public:
  /// That many kernels are counted at most, because each takes seconds.
  static constexpr std::size_t kMostKernels = 16;

  LaunchCounters(const CuptiLibrary& cupti, MetricFile metrics);
  LaunchCounters(const LaunchCounters&) = delete;
  LaunchCounters& operator=(const LaunchCounters&) = delete;

  /// Whether a launch, by CUPTI's number, was counted: its time is that of the repetitions.
  bool counted(std::uint32_t correlation) const;

  /// No launch is counted afterwards.
  void stop();
  void write_to(InjectionReport& report) const;

  /// Called by CUPTI before and after every launch.
  void on_launch(CUpti_CallbackId id, const CUpti_CallbackData& data) noexcept;

 private:
  /// A device's configuration, made once.
  struct Device {
    Device(const CuptiLibrary& cupti, CUcontext context, const std::vector<MetricSet>& sets);
    KnownMetrics metrics;
    HostConfig config;
    Image image;
  };

  bool is_wanted(CUpti_CallbackId id, const CUpti_CallbackData& data);
  void begin(CUpti_CallbackId id, const CUpti_CallbackData& data);
  void end(const CUpti_CallbackData& data);
  void give_up(const std::string& words, const std::string& advice);
  Device& device_of(CUcontext context);

  const CuptiLibrary& cupti_;
  const MetricFile metrics_;
  Undo close_profiler_;
  std::map<std::uint32_t, std::unique_ptr<Device>> devices_;
  // Touched by the thread whose launch is being counted alone.
  std::set<std::string> names_;
  std::unique_ptr<RangeSession> session_;
  Device* device_ = nullptr;
  std::atomic_bool busy_ = false;               ///< a launch is being counted, or none will be
  std::atomic<std::uint32_t> correlation_ = 0;  ///< of the launch that is being counted
  mutable std::mutex results_mutex_;
  std::set<std::uint32_t> correlations_;
  std::vector<InjectedCounters> results_;
  std::vector<InjectedRefusal> refusals_;
  std::uint64_t lost_ = 0;  ///< launches that were neither timed nor counted to their end
  Undo unsubscribe_;
};

}  // namespace bsfa::profiler
