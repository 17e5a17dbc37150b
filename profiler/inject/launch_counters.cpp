// SPDX-License-Identifier: Apache-2.0
#include "profiler/inject/launch_counters.h"

#include <array>
#include <exception>
#include <utility>

#include <cupti.h>
#include <dlfcn.h>

#include "profiler/host/demangle.h"

namespace bsfa::profiler {
namespace {

constexpr std::array kLaunches = {
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz};

/// What is asked of a launch; its parameters have the same layout with either kind of stream.
struct AskedLaunch {
  std::array<std::int32_t, 3> grid{}, block{};
  CUstream stream = nullptr;
};

std::array<std::int32_t, 3> sizes(unsigned x, unsigned y, unsigned z) {
  return {static_cast<std::int32_t>(x), static_cast<std::int32_t>(y), static_cast<std::int32_t>(z)};
}

AskedLaunch asked_launch(CUpti_CallbackId id, const void* params) {
  AskedLaunch asked;
  if (id == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel ||
      id == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz) {
    const auto& p = *static_cast<const cuLaunchKernel_params*>(params);
    asked = {sizes(p.gridDimX, p.gridDimY, p.gridDimZ),
             sizes(p.blockDimX, p.blockDimY, p.blockDimZ), p.hStream};
  } else {
    const CUlaunchConfig& p = *static_cast<const cuLaunchKernelEx_params*>(params)->config;
    asked = {sizes(p.gridDimX, p.gridDimY, p.gridDimZ),
             sizes(p.blockDimX, p.blockDimY, p.blockDimZ), p.hStream};
  }
  const bool of_thread = id == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz ||
                         id == CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz;
  if (asked.stream == nullptr && of_thread) asked.stream = CU_STREAM_PER_THREAD;
  return asked;
}

/// A launch that is only being written down, into a graph, cannot be counted, and trying to would
/// spoil the graph.
bool is_captured(CUstream stream) {
  static const auto ask = reinterpret_cast<CUresult (*)(CUstream, CUstreamCaptureStatus*)>(
      ::dlsym(::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD), "cuStreamIsCapturing"));
  if (ask == nullptr) return false;
  CUstreamCaptureStatus status = CU_STREAM_CAPTURE_STATUS_NONE;
  return ask(stream, &status) != CUDA_SUCCESS || status != CU_STREAM_CAPTURE_STATUS_NONE;
}

void on_driver_call(void* counters, CUpti_CallbackDomain domain, CUpti_CallbackId id,
                    const void* data) {
  if (domain != CUPTI_CB_DOMAIN_DRIVER_API) return;
  static_cast<LaunchCounters*>(counters)->on_launch(id,
                                                    *static_cast<const CUpti_CallbackData*>(data));
}

Target target_of(const CuptiLibrary& cupti, CUcontext context) {
  std::uint32_t ordinal = 0;
  BSFA_CUPTI(cupti, cuptiGetDeviceId, context, &ordinal);
  return {CUPTI_PROFILER_TYPE_RANGE_PROFILER, chip_name(cupti, ordinal),
          counter_availability(cupti, context)};
}

}  // namespace

LaunchCounters::Device::Device(const CuptiLibrary& cupti, CUcontext context,
                               const std::vector<MetricSet>& sets)
    : metrics(known_metrics(cupti, target_of(cupti, context), metrics_of(sets))),
      config(cupti, target_of(cupti, context)) {
  config.add(metrics.known);
  image = config.image();
}

LaunchCounters::LaunchCounters(const CuptiLibrary& cupti, MetricFile metrics)
    : cupti_(cupti), metrics_(std::move(metrics)) {
  CUpti_SubscriberHandle subscriber = nullptr;
  BSFA_CUPTI(cupti_, cuptiSubscribe, &subscriber, on_driver_call, this);
  unsubscribe_ =
      Undo([library = &cupti_, subscriber] { BSFA_CUPTI(*library, cuptiUnsubscribe, subscriber); });
  constexpr std::uint32_t kEnable = 1;
  for (const auto launch : kLaunches) {
    BSFA_CUPTI(cupti_, cuptiEnableCallback, kEnable, subscriber, CUPTI_CB_DOMAIN_DRIVER_API,
               launch);
  }
}

bool LaunchCounters::counted(std::uint32_t correlation) const {
  const std::lock_guard lock(results_mutex_);
  return correlations_.contains(correlation);
}

void LaunchCounters::stop() {
  unsubscribe_.now();
  // A launch that never returned is not counted to its end.
  session_.reset();
  close_profiler_.now();
}

void LaunchCounters::write_to(InjectionReport& report) const {
  const std::lock_guard lock(results_mutex_);
  report.counters = results_;
  report.refusals.insert(report.refusals.end(), refusals_.begin(), refusals_.end());
  report.dropped += lost_;
}

void LaunchCounters::on_launch(CUpti_CallbackId id, const CUpti_CallbackData& data) noexcept {
  // Nothing may cross into CUPTI. What is given up leaves busy_ set, so that nothing more is tried.
  try {
    try {
      if (data.callbackSite == CUPTI_API_ENTER) {
        if (is_wanted(id, data)) begin(id, data);
      } else if (data.correlationId == correlation_) {
        end(data);
        correlation_ = 0;
        busy_ = names_.size() >= kMostKernels;
      }
    } catch (const Refused& refused) {
      give_up(refused.what(), refused.advice());
    } catch (const std::exception& error) {
      give_up(error.what(), "");
    }
  } catch (...) {
    // No memory is left to say so.
  }
}

/// Takes the turn to count where it is.
bool LaunchCounters::is_wanted(CUpti_CallbackId id, const CUpti_CallbackData& data) {
  if (busy_ || data.symbolName == nullptr || !is_attention_like(data.symbolName)) return false;
  if (busy_.exchange(true)) return false;
  const bool wanted = !names_.contains(data.symbolName) &&
                      !is_captured(asked_launch(id, data.functionParams).stream);
  if (!wanted) busy_ = false;
  return wanted;
}

void LaunchCounters::begin(CUpti_CallbackId id, const CUpti_CallbackData& data) {
  names_.insert(data.symbolName);
  if (devices_.empty()) close_profiler_ = open_profiler(cupti_);
  device_ = &device_of(data.context);
  session_ = std::make_unique<RangeSession>(cupti_, data.context);
  session_->configure(device_->config, device_->image, Ranges::kKernels);
  session_->start();
  const AskedLaunch launch = asked_launch(id, data.functionParams);
  const std::lock_guard lock(results_mutex_);
  results_.push_back({demangled(data.symbolName), launch.grid, launch.block, 0, {}, {}});
  correlations_.insert(data.correlationId);
  correlation_ = data.correlationId;
}

void LaunchCounters::end(const CUpti_CallbackData& data) {
  session_->stop();
  const auto* status = static_cast<const CUresult*>(data.functionReturnValue);
  if (status != nullptr && *status != CUDA_SUCCESS) {
    throw Refused("the launch that was to be counted failed with CUDA error " +
                      std::to_string(static_cast<int>(*status)),
                  "run it without counters to see whether it fails by itself");
  }
  const std::size_t ranges = session_->decode();
  std::vector<double> values;
  if (ranges == 1) values = device_->config.evaluate(session_->counter_data(), 0);
  session_->disable();
  session_.reset();
  if (values.empty()) {
    throw Refused(
        "cuptiRangeProfilerDecodeData: gave " + std::to_string(ranges) + " ranges for one launch",
        "other threads of the program launch kernels meanwhile");
  }
  const std::lock_guard lock(results_mutex_);
  InjectedCounters& result = results_.back();
  result.passes = device_->config.passes(device_->image);
  result.unknown = device_->metrics.unknown;
  for (std::size_t i = 0; i < values.size(); ++i) {
    result.values.emplace_back(device_->metrics.known[i], values[i]);
  }
}

void LaunchCounters::give_up(const std::string& words, const std::string& advice) {
  session_.reset();
  // Its time is left out from when it began to be counted.
  const bool was_hidden = correlation_.exchange(0) != 0;
  const std::lock_guard lock(results_mutex_);
  if (was_hidden) ++lost_;
  if (!results_.empty() && results_.back().values.empty()) results_.pop_back();
  refusals_.push_back({"counters", words, advice});
}

LaunchCounters::Device& LaunchCounters::device_of(CUcontext context) {
  std::uint32_t id = 0;
  BSFA_CUPTI(cupti_, cuptiGetContextId, context, &id);
  auto& device = devices_[id];
  if (!device) device = std::make_unique<Device>(cupti_, context, metrics_.counters);
  return *device;
}

}  // namespace bsfa::profiler
