// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/range_profiler.h"

#include <limits>
#include <map>
#include <string>

#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>

#include "profiler/cupti/host_config.h"

namespace bsfa::profiler {
namespace {

/// How a launch becomes the range that is counted.
enum class Ranges {
  kKernels,  ///< every kernel is one, replayed by CUPTI
  kWhole,    ///< the launch is one, repeated by us
};

/// Enough to see that a launch is more than one kernel.
constexpr std::size_t kMostKernels = 8;
constexpr const char* kRangeName = "launch";

Image counter_availability(const CuptiLibrary& cupti, CUcontext context) {
  auto ask = sized_params<CUpti_Profiler_GetCounterAvailability_Params>(
      CUpti_Profiler_GetCounterAvailability_Params_STRUCT_SIZE);
  ask.ctx = context;
  BSFA_CUPTI(cupti, cuptiProfilerGetCounterAvailability, &ask);
  Image image(ask.counterAvailabilityImageSize);
  ask.pCounterAvailabilityImage = image.data();
  BSFA_CUPTI(cupti, cuptiProfilerGetCounterAvailability, &ask);
  return image;
}

/// Range profiling of one context, from configuring to decoding.
class RangeProfiler {
 public:
  RangeProfiler(const CuptiLibrary& cupti, CUcontext context) : cupti_(cupti) {
    auto enable = sized_params<CUpti_RangeProfiler_Enable_Params>(
        CUpti_RangeProfiler_Enable_Params_STRUCT_SIZE);
    enable.ctx = context;
    BSFA_CUPTI(cupti_, cuptiRangeProfilerEnable, &enable);
    object_ = enable.pRangeProfilerObject;
    disable_ = Undo([this] {
      auto disable = with_object<CUpti_RangeProfiler_Disable_Params>(
          CUpti_RangeProfiler_Disable_Params_STRUCT_SIZE);
      BSFA_CUPTI(cupti_, cuptiRangeProfilerDisable, &disable);
    });
  }

  RangeProfiler(const RangeProfiler&) = delete;
  RangeProfiler& operator=(const RangeProfiler&) = delete;

  void disable() { disable_.now(); }

  void configure(const HostConfig& config, const Image& image, Ranges ranges) {
    const std::size_t most = ranges == Ranges::kKernels ? kMostKernels : 1;
    config_image_ = image;
    make_counter_data(config, most);
    auto set = with_object<CUpti_RangeProfiler_SetConfig_Params>(
        CUpti_RangeProfiler_SetConfig_Params_STRUCT_SIZE);
    set.configSize = config_image_.size();
    set.pConfig = config_image_.data();
    set.counterDataImageSize = counter_data_.size();
    set.pCounterDataImage = counter_data_.data();
    set.range = ranges == Ranges::kKernels ? CUPTI_AutoRange : CUPTI_UserRange;
    set.replayMode = ranges == Ranges::kKernels ? CUPTI_KernelReplay : CUPTI_UserReplay;
    set.maxRangesPerPass = most;
    set.numNestingLevels = 1;
    set.minNestingLevel = 1;
    set.targetNestingLevel = 1;
    BSFA_CUPTI(cupti_, cuptiRangeProfilerSetConfig, &set);
  }

  /// Counts one run; false while there are passes that it has not counted.
  bool count(const Launch& launch, Ranges ranges) {
    auto start =
        with_object<CUpti_RangeProfiler_Start_Params>(CUpti_RangeProfiler_Start_Params_STRUCT_SIZE);
    BSFA_CUPTI(cupti_, cuptiRangeProfilerStart, &start);
    bool all_done = false;
    Undo stop([&] { all_done = stop_pass(); });
    if (ranges == Ranges::kWhole) {
      count_whole(launch);
    } else {
      launch();
    }
    stop.now();
    return all_done;
  }

  /// How many ranges were decoded; none where some were lost.
  std::size_t decode() {
    auto decode = with_object<CUpti_RangeProfiler_DecodeData_Params>(
        CUpti_RangeProfiler_DecodeData_Params_STRUCT_SIZE);
    BSFA_CUPTI(cupti_, cuptiRangeProfilerDecodeData, &decode);
    auto info = sized_params<CUpti_RangeProfiler_GetCounterDataInfo_Params>(
        CUpti_RangeProfiler_GetCounterDataInfo_Params_STRUCT_SIZE);
    info.pCounterDataImage = counter_data_.data();
    info.counterDataImageSize = counter_data_.size();
    BSFA_CUPTI(cupti_, cuptiRangeProfilerGetCounterDataInfo, &info);
    return decode.numOfRangeDropped > 0 ? 0 : info.numTotalRanges;
  }

  const Image& counter_data() const noexcept { return counter_data_; }

 private:
  template <typename Params>
  Params with_object(std::size_t size) const {
    Params params = sized_params<Params>(size);
    params.pRangeProfilerObject = object_;
    return params;
  }

  void make_counter_data(const HostConfig& config, std::size_t most_ranges) {
    std::vector<const char*> names = config.names();
    auto size = with_object<CUpti_RangeProfiler_GetCounterDataSize_Params>(
        CUpti_RangeProfiler_GetCounterDataSize_Params_STRUCT_SIZE);
    size.pMetricNames = names.data();
    size.numMetrics = names.size();
    size.maxNumOfRanges = most_ranges;
    size.maxNumRangeTreeNodes = static_cast<std::uint32_t>(most_ranges);
    BSFA_CUPTI(cupti_, cuptiRangeProfilerGetCounterDataSize, &size);
    counter_data_.assign(size.counterDataSize, 0);
    auto initialize = with_object<CUpti_RangeProfiler_CounterDataImage_Initialize_Params>(
        CUpti_RangeProfiler_CounterDataImage_Initialize_Params_STRUCT_SIZE);
    initialize.counterDataSize = counter_data_.size();
    initialize.pCounterData = counter_data_.data();
    BSFA_CUPTI(cupti_, cuptiRangeProfilerCounterDataImageInitialize, &initialize);
  }

  void count_whole(const Launch& launch) {
    auto push = with_object<CUpti_RangeProfiler_PushRange_Params>(
        CUpti_RangeProfiler_PushRange_Params_STRUCT_SIZE);
    push.pRangeName = kRangeName;
    BSFA_CUPTI(cupti_, cuptiRangeProfilerPushRange, &push);
    Undo pop([this] {
      auto params = with_object<CUpti_RangeProfiler_PopRange_Params>(
          CUpti_RangeProfiler_PopRange_Params_STRUCT_SIZE);
      BSFA_CUPTI(cupti_, cuptiRangeProfilerPopRange, &params);
    });
    launch();
    pop.now();
  }

  bool stop_pass() {
    auto stop =
        with_object<CUpti_RangeProfiler_Stop_Params>(CUpti_RangeProfiler_Stop_Params_STRUCT_SIZE);
    BSFA_CUPTI(cupti_, cuptiRangeProfilerStop, &stop);
    return stop.isAllPassSubmitted != 0;
  }

  const CuptiLibrary& cupti_;
  CUpti_RangeProfiler_Object* object_ = nullptr;
  // CUPTI writes into these until it is disabled.
  Image config_image_, counter_data_;
  Undo disable_;
};

/// Values of one way of counting a launch; none where it gave another number of ranges than one.
std::vector<double> count(RangeProfiler& profiler, const HostConfig& config, const Image& image,
                          const Launch& launch, Ranges ranges) {
  profiler.configure(config, image, ranges);
  if (ranges == Ranges::kKernels) {
    profiler.count(launch, ranges);
  } else {
    // As many as there are passes; some more in case a pass has to be repeated.
    std::size_t runs_left = 2 * config.passes(image) + 2;
    while (!profiler.count(launch, ranges)) {
      if (--runs_left == 0) {
        throw Refused("cuptiRangeProfilerStop: asks for more passes than it had announced", {});
      }
    }
  }
  if (profiler.decode() != 1) return {};
  return config.evaluate(profiler.counter_data(), 0);
}

std::vector<double> count_launch(const CuptiLibrary& cupti, CUcontext context,
                                 const HostConfig& config, const Image& image,
                                 const Launch& launch) {
  for (const Ranges ranges : {Ranges::kKernels, Ranges::kWhole}) {
    RangeProfiler profiler(cupti, context);
    const std::vector<double> values = count(profiler, config, image, launch, ranges);
    profiler.disable();
    if (!values.empty()) return values;
  }
  throw Refused("cuptiRangeProfilerDecodeData: gave no range for the launch", {});
}

}  // namespace

CountersResult collect_counters(const CuptiLibrary& cupti, const CurrentDevice& device,
                                const Launch& launch, const std::vector<MetricSet>& sets) {
  // What is loaded when it is first used is loaded now, and not counted.
  launch();
  Undo close = open_profiler(cupti);
  const Target target{CUPTI_PROFILER_TYPE_RANGE_PROFILER, chip_name(cupti, device.ordinal),
                      counter_availability(cupti, device.context)};
  KnownMetrics metrics = known_metrics(cupti, target, metrics_of(sets));
  HostConfig config(cupti, target);
  config.add(metrics.known);
  const Image image = config.image();

  CountersResult result;
  result.passes = config.passes(image);
  const std::vector<double> values = count_launch(cupti, device.context, config, image, launch);
  std::map<std::string, double> value_of;
  for (std::size_t i = 0; i < values.size(); ++i) value_of[metrics.known[i]] = values[i];
  for (const MetricSet& set : sets) {
    for (const std::string& metric : set.metrics) {
      const auto found = value_of.find(metric);
      const double none = std::numeric_limits<double>::quiet_NaN();
      result.counters.push_back({set.name, metric, found == value_of.end() ? none : found->second});
    }
  }
  result.unknown = std::move(metrics.unknown);
  return result;
}

CountersResult collect_counters(const Launch& launch, const std::vector<MetricSet>& sets) {
  return collect_counters(CuptiLibrary::get(), current_device(), launch, sets);
}

}  // namespace bsfa::profiler
