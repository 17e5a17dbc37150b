// SPDX-License-Identifier: Apache-2.0
// CUPTI's profiling interface without a device. FAKE_LACKS_RANGES leaves out some functions, as an
// older or trimmed library would.
#define CUPTI_LIB  // its headers export what they declare
#include "tests/profiler/fake_cupti_profiler.h"

#include <cstring>
#include <initializer_list>

#include <cupti_pmsampling.h>
#include <cupti_profiler_host.h>
#include <cupti_profiler_target.h>
#include <cupti_range_profiler.h>
#include <cupti_target.h>
#include <cupti_version.h>

using bsfa::test::FakeProfiler;

namespace {

constexpr std::size_t kImageBytes = 64;
constexpr std::uint32_t kVersion = 130000;

FakeProfiler state;
/// What the host object was given last, and whether the range profiler was told to replay kernels.
std::size_t metrics_added = 0;
bool samples_wanted = false;
bool whole = false;
std::size_t passes_left = 0;
int host_object = 0, profiler_object = 0;

CUptiResult answer(const char* name) {
  state.last_call = name;
  if (++state.calls != state.fail_call) return CUPTI_SUCCESS;
  state.failed_call = name;
  return state.failure;
}

/// What is opened counts as open only where it succeeds, and as closed again even where it does
/// not.
CUptiResult opened(CUptiResult result) {
  if (result == CUPTI_SUCCESS) ++state.open;
  return result;
}
CUptiResult closed(CUptiResult result) {
  --state.open;
  return result;
}

bool contains(const char* text, const char* part) {
  return std::strstr(text, part) != nullptr;
}

std::size_t populated() {
  if (state.overflow) return 0;
  return state.sample_count < state.room ? state.sample_count : state.room;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) FakeProfiler* bsfa_fake_profiler() {
  return &state;
}

/// For a program that has no headers of CUPTI.
__attribute__((visibility("default"))) void fake_profiler_kernels(unsigned long of_a_launch) {
  state.kernels = of_a_launch;
}

CUptiResult CUPTIAPI cuptiGetVersion(std::uint32_t* version) {
  *version = kVersion;
  return CUPTI_SUCCESS;
}
CUptiResult CUPTIAPI cuptiGetResultString(CUptiResult result, const char** text) {
  *text = result == CUPTI_ERROR_HARDWARE_BUSY             ? "CUPTI_ERROR_HARDWARE_BUSY"
          : result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES ? "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES"
                                                          : "CUPTI_ERROR_OTHER";
  return CUPTI_SUCCESS;
}
CUptiResult CUPTIAPI cuptiGetErrorMessage(CUptiResult, const char** text) {
  *text = "a sentence";
  return CUPTI_SUCCESS;
}

CUptiResult CUPTIAPI cuptiProfilerInitialize(CUpti_Profiler_Initialize_Params*) {
  return opened(answer(__func__));
}
CUptiResult CUPTIAPI cuptiProfilerDeInitialize(CUpti_Profiler_DeInitialize_Params*) {
  return closed(answer(__func__));
}
CUptiResult CUPTIAPI
cuptiProfilerGetCounterAvailability(CUpti_Profiler_GetCounterAvailability_Params* p) {
  p->counterAvailabilityImageSize = kImageBytes;
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiDeviceGetChipName(CUpti_Device_GetChipName_Params* p) {
  p->pChipName = "FAKE100";
  return answer(__func__);
}

CUptiResult CUPTIAPI cuptiProfilerHostInitialize(CUpti_Profiler_Host_Initialize_Params* p) {
  p->pHostObject = reinterpret_cast<CUpti_Profiler_Host_Object*>(&host_object);
  samples_wanted = p->profilerType == CUPTI_PROFILER_TYPE_PM_SAMPLING;
  return opened(answer(__func__));
}
CUptiResult CUPTIAPI cuptiProfilerHostDeinitialize(CUpti_Profiler_Host_Deinitialize_Params*) {
  return closed(answer(__func__));
}
CUptiResult CUPTIAPI
cuptiProfilerHostGetMetricProperties(CUpti_Profiler_Host_GetMetricProperties_Params* p) {
  const CUptiResult result = answer(__func__);
  if (result != CUPTI_SUCCESS) return result;
  return contains(p->pMetricName, "unknown") ? CUPTI_ERROR_INVALID_METRIC_NAME : CUPTI_SUCCESS;
}
CUptiResult CUPTIAPI
cuptiProfilerHostConfigAddMetrics(CUpti_Profiler_Host_ConfigAddMetrics_Params* p) {
  metrics_added = p->numMetrics;
  const CUptiResult result = answer(__func__);
  for (std::size_t i = 0; i < p->numMetrics; ++i) {
    if (contains(p->ppMetricNames[i], "unavailable")) return CUPTI_ERROR_INVALID_PARAMETER;
  }
  return result;
}
CUptiResult CUPTIAPI
cuptiProfilerHostGetConfigImageSize(CUpti_Profiler_Host_GetConfigImageSize_Params* p) {
  p->configImageSize = kImageBytes;
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiProfilerHostGetConfigImage(CUpti_Profiler_Host_GetConfigImage_Params*) {
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiProfilerHostGetNumOfPasses(CUpti_Profiler_Host_GetNumOfPasses_Params* p) {
  const bool one = samples_wanted && metrics_added < state.too_many_metrics;
  p->numOfPasses = one ? 1 : state.passes;
  return answer(__func__);
}
CUptiResult CUPTIAPI
cuptiProfilerHostEvaluateToGpuValues(CUpti_Profiler_Host_EvaluateToGpuValues_Params* p) {
  for (std::size_t i = 0; i < p->numMetrics; ++i) {
    const char* name = p->ppMetricNames[i];
    const bool activity = samples_wanted && contains(name, "sm__cycles_active");
    p->pMetricValues[i] = activity ? state.samples[p->rangeIndex].active
                                   : bsfa::test::fake_value(std::strlen(name), p->rangeIndex);
  }
  return answer(__func__);
}

CUptiResult CUPTIAPI cuptiRangeProfilerEnable(CUpti_RangeProfiler_Enable_Params* p) {
  p->pRangeProfilerObject = reinterpret_cast<CUpti_RangeProfiler_Object*>(&profiler_object);
  return opened(answer(__func__));
}
CUptiResult CUPTIAPI cuptiRangeProfilerDisable(CUpti_RangeProfiler_Disable_Params*) {
  return closed(answer(__func__));
}
CUptiResult CUPTIAPI
cuptiRangeProfilerGetCounterDataSize(CUpti_RangeProfiler_GetCounterDataSize_Params* p) {
  p->counterDataSize = kImageBytes;
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiRangeProfilerCounterDataImageInitialize(
    CUpti_RangeProfiler_CounterDataImage_Initialize_Params*) {
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiRangeProfilerSetConfig(CUpti_RangeProfiler_SetConfig_Params* p) {
  whole = p->range == CUPTI_UserRange;
  // One goes with the other: user ranges cannot be replayed kernel by kernel.
  if (whole != (p->replayMode == CUPTI_UserReplay)) return CUPTI_ERROR_INVALID_OPERATION;
  passes_left = whole ? state.passes : 1;
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiRangeProfilerPushRange(CUpti_RangeProfiler_PushRange_Params*) {
  ++state.pushes;
  return opened(answer(__func__));
}
CUptiResult CUPTIAPI cuptiRangeProfilerPopRange(CUpti_RangeProfiler_PopRange_Params*) {
  return closed(answer(__func__));
}
#ifndef FAKE_LACKS_RANGES
CUptiResult CUPTIAPI cuptiRangeProfilerStart(CUpti_RangeProfiler_Start_Params*) {
  ++state.starts;
  return opened(answer(__func__));
}
#endif
CUptiResult CUPTIAPI cuptiRangeProfilerStop(CUpti_RangeProfiler_Stop_Params* p) {
  if (passes_left > 0) --passes_left;
  p->isAllPassSubmitted = passes_left == 0 && state.passes_never_end == 0 ? 1 : 0;
  return closed(answer(__func__));
}
CUptiResult CUPTIAPI cuptiRangeProfilerDecodeData(CUpti_RangeProfiler_DecodeData_Params* p) {
  p->numOfRangeDropped = whole ? 0 : state.ranges_dropped;
  return answer(__func__);
}
CUptiResult CUPTIAPI
cuptiRangeProfilerGetCounterDataInfo(CUpti_RangeProfiler_GetCounterDataInfo_Params* p) {
  p->numTotalRanges = whole ? 1 : state.kernels;
  return answer(__func__);
}

CUptiResult CUPTIAPI
cuptiPmSamplingGetCounterAvailability(CUpti_PmSampling_GetCounterAvailability_Params* p) {
  p->counterAvailabilityImageSize = kImageBytes;
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiPmSamplingEnable(CUpti_PmSampling_Enable_Params* p) {
  p->pPmSamplingObject = reinterpret_cast<CUpti_PmSampling_Object*>(&profiler_object);
  return opened(answer(__func__));
}
CUptiResult CUPTIAPI cuptiPmSamplingDisable(CUpti_PmSampling_Disable_Params*) {
  return closed(answer(__func__));
}
CUptiResult CUPTIAPI cuptiPmSamplingSetConfig(CUpti_PmSampling_SetConfig_Params* p) {
  state.interval_ns = p->samplingInterval;
  return answer(__func__);
}
CUptiResult CUPTIAPI
cuptiPmSamplingGetCounterDataSize(CUpti_PmSampling_GetCounterDataSize_Params* p) {
  state.room = p->maxSamples;
  p->counterDataSize = kImageBytes;
  return answer(__func__);
}
CUptiResult CUPTIAPI
cuptiPmSamplingCounterDataImageInitialize(CUpti_PmSampling_CounterDataImage_Initialize_Params*) {
  return answer(__func__);
}
CUptiResult CUPTIAPI cuptiPmSamplingStart(CUpti_PmSampling_Start_Params*) {
  ++state.starts;
  return opened(answer(__func__));
}
CUptiResult CUPTIAPI cuptiPmSamplingStop(CUpti_PmSampling_Stop_Params*) {
  return closed(answer(__func__));
}
CUptiResult CUPTIAPI cuptiPmSamplingDecodeData(CUpti_PmSampling_DecodeData_Params* p) {
  const bool full = state.sample_count > state.room;
  p->decodeStopReason = full ? CUPTI_PM_SAMPLING_DECODE_STOP_REASON_COUNTER_DATA_FULL
                             : CUPTI_PM_SAMPLING_DECODE_STOP_REASON_END_OF_RECORDS;
  p->overflow = state.overflow ? 1 : 0;
  const CUptiResult result = answer(__func__);
  return result == CUPTI_SUCCESS && state.overflow ? CUPTI_ERROR_OUT_OF_MEMORY : result;
}
CUptiResult CUPTIAPI
cuptiPmSamplingGetCounterDataInfo(CUpti_PmSampling_GetCounterDataInfo_Params* p) {
  p->numTotalSamples = state.room;
  p->numPopulatedSamples = populated();
  p->numCompletedSamples = populated();
  return answer(__func__);
}
CUptiResult CUPTIAPI
cuptiPmSamplingCounterDataGetSampleInfo(CUpti_PmSampling_CounterData_GetSampleInfo_Params* p) {
  p->startTimestamp = state.samples[p->sampleIndex].start_ns;
  p->endTimestamp = state.samples[p->sampleIndex].end_ns;
  return answer(__func__);
}

}  // extern "C"
