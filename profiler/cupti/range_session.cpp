// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/range_session.h"

#include <cstdint>
#include <vector>

#include <cupti_profiler_target.h>

namespace bsfa::profiler {
namespace {

/// Enough to see that a launch is more than one kernel.
constexpr std::size_t kMostKernels = 8;
constexpr const char* kRangeName = "launch";

}  // namespace

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

RangeSession::RangeSession(const CuptiLibrary& cupti, CUcontext context) : cupti_(cupti) {
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

void RangeSession::configure(const HostConfig& config, const Image& image, Ranges ranges) {
  const std::size_t most = ranges == Ranges::kKernels ? kMostKernels : 1;
  ranges_ = ranges;
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

void RangeSession::start() {
  auto start =
      with_object<CUpti_RangeProfiler_Start_Params>(CUpti_RangeProfiler_Start_Params_STRUCT_SIZE);
  BSFA_CUPTI(cupti_, cuptiRangeProfilerStart, &start);
}

bool RangeSession::stop() {
  auto stop =
      with_object<CUpti_RangeProfiler_Stop_Params>(CUpti_RangeProfiler_Stop_Params_STRUCT_SIZE);
  BSFA_CUPTI(cupti_, cuptiRangeProfilerStop, &stop);
  return stop.isAllPassSubmitted != 0;
}

bool RangeSession::count(const std::function<void()>& launch) {
  start();
  bool all_done = false;
  Undo ending([&] { all_done = stop(); });
  if (ranges_ == Ranges::kWhole) {
    count_whole(launch);
  } else {
    launch();
  }
  ending.now();
  return all_done;
}

std::size_t RangeSession::decode() {
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

void RangeSession::make_counter_data(const HostConfig& config, std::size_t most_ranges) {
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

void RangeSession::count_whole(const std::function<void()>& launch) {
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

}  // namespace bsfa::profiler
