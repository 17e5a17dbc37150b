// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include <cupti_range_profiler.h>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/host_config.h"
#include "profiler/cupti/undo.h"

namespace bsfa::profiler {

/// How launches become the ranges that are counted.
enum class Ranges {
  kKernels,  ///< every kernel is one, replayed by CUPTI
  kWhole,    ///< all between start and stop are one, repeated by whoever launches
};

/// What this very device can count.
Image counter_availability(const CuptiLibrary& cupti, CUcontext context);

/// Counting in one context, from configuring to decoding.
///
/// Errors  throws Refused, with counting switched off again.
class RangeSession {
 public:
  RangeSession(const CuptiLibrary& cupti, CUcontext context);
  RangeSession(const RangeSession&) = delete;
  RangeSession& operator=(const RangeSession&) = delete;

  void configure(const HostConfig& config, const Image& image, Ranges ranges);

  /// Counts what is launched from here on.
  void start();
  /// False while there are passes that have not been counted.
  bool stop();
  /// From start to stop, whatever happens in between.
  bool count(const std::function<void()>& launch);

  /// How many ranges were decoded; none where some were lost.
  std::size_t decode();
  void disable() { disable_.now(); }

  const Image& counter_data() const noexcept { return counter_data_; }

 private:
  template <typename Params>
  Params with_object(std::size_t size) const {
    Params params = sized_params<Params>(size);
    params.pRangeProfilerObject = object_;
    return params;
  }
  void make_counter_data(const HostConfig& config, std::size_t most_ranges);
  void count_whole(const std::function<void()>& launch);

  const CuptiLibrary& cupti_;
  CUpti_RangeProfiler_Object* object_ = nullptr;
  Ranges ranges_ = Ranges::kKernels;
  // CUPTI writes into these until it is disabled.
  Image config_image_, counter_data_;
  Undo disable_;
};

}  // namespace bsfa::profiler
