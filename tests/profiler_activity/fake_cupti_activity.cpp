// SPDX-License-Identifier: Apache-2.0
// A CUPTI without a device: it hands out what a test put in, from a thread of its own as the real
// one does, and refuses on demand.
#include "tests/profiler_activity/fake_cupti_activity.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <numeric>
#include <thread>

#include <cupti.h>

using bsfa::test::FakeAddress;
using bsfa::test::FakeCupti;

namespace {

FakeCupti g_fake;
CUpti_BuffersCallbackRequestFunc g_request = nullptr;
CUpti_BuffersCallbackCompleteFunc g_complete = nullptr;
CUpti_PCSamplingData* g_last = nullptr;
CUresult g_launch_result = CUDA_SUCCESS;

CUptiResult answer(const char* function) {
  const auto refusal = g_fake.refusals.find(function);
  return refusal == g_fake.refusals.end() ? CUPTI_SUCCESS : refusal->second;
}

std::size_t size_of(CUpti_ActivityKind kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      return sizeof(CUpti_ActivityKernel10);
    case CUPTI_ACTIVITY_KIND_MEMCPY:
      return sizeof(CUpti_ActivityMemcpy6);
    case CUPTI_ACTIVITY_KIND_MEMSET:
      return sizeof(CUpti_ActivityMemset4);
    default:
      return sizeof(CUpti_ActivityMarker2);
  }
}

CUpti_ActivityKind kind_of(const std::uint8_t* record) {
  CUpti_ActivityKind kind{};
  std::memcpy(&kind, record, sizeof kind);
  return kind;
}

void hand_over_records() {
  std::uint8_t* buffer = nullptr;
  std::size_t size = 0, most = 0, used = 0;
  g_request(&buffer, &size, &most);
  if (g_fake.no_buffers) {
    g_fake.lost += g_fake.records.size();
    g_fake.records.clear();
    std::free(buffer);
    return;
  }
  for (const auto& record : g_fake.records) {
    if (!g_fake.enabled.contains(kind_of(record.data()))) continue;
    if (used + record.size() > size) {
      ++g_fake.lost;
      continue;
    }
    std::memcpy(buffer + used, record.data(), record.size());
    used += record.size();
  }
  g_fake.records.clear();
  g_complete(nullptr, 0, buffer, size, used);
}

void hand_over_addresses(std::vector<FakeAddress>& from, CUpti_PCSamplingData& to) {
  const std::size_t count = std::min({from.size(), to.collectNumPcs, g_fake.most_addresses});
  for (std::size_t i = 0; i < count; ++i) {
    auto& address = to.pPcData[i];
    address.cubinCrc = from[i].module;
    address.pcOffset = from[i].offset;
    // Owned by nobody in particular, as the real ones are.
    address.functionName = const_cast<char*>((new std::string(from[i].function))->c_str());
    address.stallReasonCount = from[i].reasons.size();
    for (std::size_t r = 0; r < from[i].reasons.size(); ++r) {
      address.stallReason[r] = {from[i].reasons[r].first, from[i].reasons[r].second};
    }
  }
  from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
  to.totalNumPcs = count;
  to.remainingNumPcs = from.size();
  to.totalSamples = g_fake.samples;
  to.droppedSamples = g_fake.dropped_samples;
  to.hardwareBufferFull = g_fake.buffer_full ? 1 : 0;
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))
/// What a fake of the profiling interface beside this one has too.
#define EXPORT_ALONE extern "C" __attribute__((visibility("default"), weak))

EXPORT FakeCupti* fake_cupti_state() {
  return &g_fake;
}

EXPORT_ALONE CUptiResult cuptiGetVersion(std::uint32_t* version) {
  *version = g_fake.version;
  return CUPTI_SUCCESS;
}

EXPORT_ALONE CUptiResult cuptiGetResultString(CUptiResult result, const char** text) {
  *text = result == CUPTI_ERROR_HARDWARE_BUSY             ? "CUPTI_ERROR_HARDWARE_BUSY"
          : result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES ? "CUPTI_ERROR_INSUFFICIENT_PRIVILEGES"
                                                          : nullptr;
  return *text != nullptr ? CUPTI_SUCCESS : CUPTI_ERROR_INVALID_PARAMETER;
}

EXPORT_ALONE CUptiResult cuptiGetErrorMessage(CUptiResult result, const char** text) {
  // With the line feeds that the real one has.
  *text = result == CUPTI_ERROR_INSUFFICIENT_PRIVILEGES ? "User doesn't have\nsufficient rights \n"
                                                        : "CUPTI_ERROR_HARDWARE_BUSY";
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiGetTimestamp(std::uint64_t* time) {
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  *time = static_cast<std::uint64_t>(now.tv_sec * 1'000'000'000 + now.tv_nsec -
                                     g_fake.behind_realtime_ns);
  return answer("cuptiGetTimestamp");
}

EXPORT CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                                  CUpti_BuffersCallbackCompleteFunc complete) {
  g_request = request;
  g_complete = complete;
  return answer("cuptiActivityRegisterCallbacks");
}

EXPORT CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) {
  // The last kind that is asked for, so that there is something to take back.
  if (kind == CUPTI_ACTIVITY_KIND_MARKER && answer("cuptiActivityEnable") != CUPTI_SUCCESS) {
    return answer("cuptiActivityEnable");
  }
  g_fake.enabled.insert(kind);
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind) {
  g_fake.enabled.erase(kind);
  return answer("cuptiActivityDisable");
}

EXPORT CUptiResult cuptiActivityFlushAll(std::uint32_t) {
  std::thread(hand_over_records).join();
  return answer("cuptiActivityFlushAll");
}

EXPORT CUptiResult cuptiActivityGetNextRecord(std::uint8_t* buffer, std::size_t size,
                                              CUpti_Activity** record) {
  std::uint8_t* next = *record == nullptr
                           ? buffer
                           : reinterpret_cast<std::uint8_t*>(*record) +
                                 size_of(kind_of(reinterpret_cast<std::uint8_t*>(*record)));
  if (next >= buffer + size) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  *record = reinterpret_cast<CUpti_Activity*>(next);
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, std::uint32_t, std::size_t* lost) {
  *lost = std::exchange(g_fake.lost, 0);
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiSubscribe(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc callback,
                                  void* data) {
  if (answer("cuptiSubscribe") != CUPTI_SUCCESS) return answer("cuptiSubscribe");
  g_fake.callback = callback;
  g_fake.callback_data = data;
  *subscriber = reinterpret_cast<CUpti_SubscriberHandle>(&g_fake);
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle) {
  g_fake.callback = nullptr;
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiEnableCallback(std::uint32_t enable, CUpti_SubscriberHandle,
                                       CUpti_CallbackDomain domain, CUpti_CallbackId) {
  if (answer("cuptiEnableCallback") != CUPTI_SUCCESS) return answer("cuptiEnableCallback");
  (domain == CUPTI_CB_DOMAIN_RESOURCE ? g_fake.modules_reported : g_fake.launches_reported) =
      enable != 0;
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiGetCubinCrc(CUpti_GetCubinCrcParams* params) {
  const auto* bytes = static_cast<const std::uint8_t*>(params->cubin);
  params->cubinCrc = std::accumulate(bytes, bytes + params->cubinSize, std::uint64_t{0});
  return answer("cuptiGetCubinCrc");
}

EXPORT CUptiResult cuptiGetSassToSourceCorrelation(CUpti_GetSassToSourceCorrelationParams* params) {
  // Sixteen bytes an instruction, an instruction a line; no line table from 1 KiB on.
  if (params->pcOffset >= 1024) return CUPTI_ERROR_UNKNOWN;
  params->lineNumber = static_cast<std::uint32_t>(params->pcOffset / 16 + 1);
  params->dirName = ::strdup("/of/another/machine/kernels/cuda");
  params->fileName = ::strdup("planted.cuh");
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiPCSamplingEnable(CUpti_PCSamplingEnableParams*) {
  if (answer("cuptiPCSamplingEnable") != CUPTI_SUCCESS) return answer("cuptiPCSamplingEnable");
  g_fake.sampling_enabled = true;
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiPCSamplingDisable(CUpti_PCSamplingDisableParams*) {
  if (g_fake.sampling_enabled && g_last != nullptr) {
    hand_over_addresses(g_fake.late_addresses, *g_last);
  }
  g_last = nullptr;
  g_fake.sampling_enabled = g_fake.sampling = false;
  return answer("cuptiPCSamplingDisable");
}

EXPORT CUptiResult
cuptiPCSamplingGetNumStallReasons(CUpti_PCSamplingGetNumStallReasonsParams* params) {
  *params->numStallReasons = g_fake.reasons.size();
  return answer("cuptiPCSamplingGetNumStallReasons");
}

EXPORT CUptiResult cuptiPCSamplingGetStallReasons(CUpti_PCSamplingGetStallReasonsParams* params) {
  constexpr std::uint32_t kFirstIndex = 10;
  for (std::size_t i = 0; i < params->numStallReasons; ++i) {
    params->stallReasonIndex[i] = kFirstIndex + static_cast<std::uint32_t>(i);
    std::strncpy(params->stallReasons[i], g_fake.reasons[i].c_str(),
                 CUPTI_STALL_REASON_STRING_SIZE - 1);
  }
  return answer("cuptiPCSamplingGetStallReasons");
}

EXPORT CUptiResult
cuptiPCSamplingSetConfigurationAttribute(CUpti_PCSamplingConfigurationInfoParams* params) {
  for (std::size_t i = 0; i < params->numAttributes; ++i) {
    const auto& given = params->pPCSamplingConfigurationInfo[i];
    if (given.attributeType == CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_PERIOD) {
      g_fake.period = given.attributeData.samplingPeriodData.samplingPeriod;
    }
    if (given.attributeType == CUPTI_PC_SAMPLING_CONFIGURATION_ATTR_TYPE_SAMPLING_DATA_BUFFER) {
      g_last = static_cast<CUpti_PCSamplingData*>(
          given.attributeData.samplingDataBufferData.samplingDataBuffer);
    }
  }
  return answer("cuptiPCSamplingSetConfigurationAttribute");
}

EXPORT CUptiResult
cuptiPCSamplingGetConfigurationAttribute(CUpti_PCSamplingConfigurationInfoParams* params) {
  if (g_fake.usual_period == 0) return CUPTI_ERROR_NOT_SUPPORTED;
  params->pPCSamplingConfigurationInfo[0].attributeData.samplingPeriodData.samplingPeriod =
      g_fake.usual_period;
  return answer("cuptiPCSamplingGetConfigurationAttribute");
}

EXPORT CUptiResult cuptiPCSamplingStart(CUpti_PCSamplingStartParams*) {
  g_fake.sampling = answer("cuptiPCSamplingStart") == CUPTI_SUCCESS;
  return answer("cuptiPCSamplingStart");
}

EXPORT CUptiResult cuptiPCSamplingStop(CUpti_PCSamplingStopParams*) {
  g_fake.sampling = false;
  return answer("cuptiPCSamplingStop");
}

EXPORT CUptiResult cuptiPCSamplingGetData(CUpti_PCSamplingGetDataParams* params) {
  if (!g_fake.sampling_enabled) return CUPTI_ERROR_INVALID_OPERATION;
  hand_over_addresses(g_fake.addresses,
                      *static_cast<CUpti_PCSamplingData*>(params->pcSamplingData));
  return answer("cuptiPCSamplingGetData");
}

EXPORT CUptiResult cuptiGetDeviceId(CUcontext, std::uint32_t* id) {
  *id = 0;
  return CUPTI_SUCCESS;
}

EXPORT CUptiResult cuptiGetContextId(CUcontext, std::uint32_t* id) {
  *id = 1;
  return CUPTI_SUCCESS;
}

/// For a program that has no headers of CUPTI: from here on launches fail with this error.
EXPORT void fake_cupti_fail_launches(int with) {
  g_launch_result = static_cast<CUresult>(with);
}

/// A launch as the driver reports it.
EXPORT void fake_cupti_launch(const char* name, unsigned long start, unsigned long end) {
  static std::uint32_t correlation = 0;
  cuLaunchKernel_params asked{};
  asked.gridDimX = 132;
  asked.gridDimY = asked.gridDimZ = asked.blockDimY = asked.blockDimZ = 1;
  asked.blockDimX = 128;
  CUpti_CallbackData data{};
  data.symbolName = name;
  data.functionParams = &asked;
  data.correlationId = ++correlation;
  data.functionReturnValue = &g_launch_result;
  const auto report = [&](CUpti_ApiCallbackSite site) {
    data.callbackSite = site;
    if (g_fake.callback == nullptr || !g_fake.launches_reported) return;
    g_fake.callback(g_fake.callback_data, CUPTI_CB_DOMAIN_DRIVER_API,
                    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, &data);
  };
  report(CUPTI_API_ENTER);
  constexpr std::uint32_t kStream = 7;
  if (g_launch_result == CUDA_SUCCESS) g_fake.kernel(name, start, end, kStream, correlation);
  report(CUPTI_API_EXIT);
}
