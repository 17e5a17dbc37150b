// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/pm_sampling.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <cupti_pmsampling.h>

#include "profiler/cupti/host_config.h"
#include "profiler/host/launch_samples.h"

namespace bsfa::profiler {
namespace {

/// What the hardware writes until it is decoded: some 30 KB a sample.
constexpr std::size_t kHardwareBufferBytes = std::size_t{512} << 20;

/// What may be sampled before the launch begins; the second is for when the first was too short.
constexpr std::uint64_t kIdleNs[] = {2'000'000, 32'000'000};

/// What is decoded beyond the room for it is lost for good, so that room is made for all at once.
struct SamplingPlan {
  std::uint64_t interval_ns = 0;
  std::uint32_t room = 0;  ///< samples
};

SamplingPlan plan_for(std::uint64_t launch_ns, std::uint64_t idle_ns, std::uint64_t interval_ns) {
  SamplingPlan plan;
  plan.interval_ns = std::max({interval_ns, launch_ns / kMostSamples + 1, std::uint64_t{1}});
  const std::uint64_t samples = (launch_ns + launch_ns / 4 + idle_ns) / plan.interval_ns + 64;
  plan.room = static_cast<std::uint32_t>(std::min(samples, 4 * kMostSamples));
  return plan;
}

std::uint64_t duration_ns(const Launch& launch) {
  const auto start = std::chrono::steady_clock::now();
  launch();
  const auto duration = std::chrono::steady_clock::now() - start;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

Image counter_availability(const CuptiLibrary& cupti, std::size_t ordinal) {
  auto ask = sized_params<CUpti_PmSampling_GetCounterAvailability_Params>(
      CUpti_PmSampling_GetCounterAvailability_Params_STRUCT_SIZE);
  ask.deviceIndex = ordinal;
  BSFA_CUPTI(cupti, cuptiPmSamplingGetCounterAvailability, &ask);
  Image image(ask.counterAvailabilityImageSize);
  ask.pCounterAvailabilityImage = image.data();
  BSFA_CUPTI(cupti, cuptiPmSamplingGetCounterAvailability, &ask);
  return image;
}

/// Throws Refused naming the first metric that does not fit beside those before it.
void require_one_pass(const CuptiLibrary& cupti, const Target& target,
                      const std::vector<std::string>& metrics) {
  const std::size_t passes = passes_of(cupti, target, metrics);
  if (passes <= 1) return;
  std::vector<std::string> some;
  for (const std::string& metric : metrics) {
    some.push_back(metric);
    if (passes_of(cupti, target, some) > 1) break;
  }
  throw Refused("samples of a launch have one pass, and the metrics take " +
                    std::to_string(passes) + ": " + some.back() +
                    (some.size() == 1 ? " alone takes more than one"
                                      : " does not fit beside the " +
                                            std::to_string(some.size() - 1) + " before it"),
                "take it out of the file of metrics");
}

/// Sampling of one device, from configuring to decoding.
class PmSampler {
 public:
  PmSampler(const CuptiLibrary& cupti, std::size_t ordinal) : cupti_(cupti) {
    auto enable =
        sized_params<CUpti_PmSampling_Enable_Params>(CUpti_PmSampling_Enable_Params_STRUCT_SIZE);
    enable.deviceIndex = ordinal;
    BSFA_CUPTI(cupti_, cuptiPmSamplingEnable, &enable);
    object_ = enable.pPmSamplingObject;
    disable_ = Undo([this] {
      auto disable =
          with_object<CUpti_PmSampling_Disable_Params>(CUpti_PmSampling_Disable_Params_STRUCT_SIZE);
      BSFA_CUPTI(cupti_, cuptiPmSamplingDisable, &disable);
    });
  }
  PmSampler(const PmSampler&) = delete;
  PmSampler& operator=(const PmSampler&) = delete;

  void disable() { disable_.now(); }

  void configure(const HostConfig& config, const SamplingPlan& plan) {
    config_image_ = config.image();
    auto set = with_object<CUpti_PmSampling_SetConfig_Params>(
        CUpti_PmSampling_SetConfig_Params_STRUCT_SIZE);
    set.configSize = config_image_.size();
    set.pConfig = config_image_.data();
    set.hardwareBufferSize = kHardwareBufferBytes;
    set.samplingInterval = plan.interval_ns;
    set.triggerMode = CUPTI_PM_SAMPLING_TRIGGER_MODE_GPU_TIME_INTERVAL;
    set.hwBufferAppendMode = CUPTI_PM_SAMPLING_HARDWARE_BUFFER_APPEND_MODE_KEEP_OLDEST;
    BSFA_CUPTI(cupti_, cuptiPmSamplingSetConfig, &set);
    make_counter_data(config, plan.room);
  }

  /// Runs and samples; how long the launch took at most.
  std::uint64_t sample(const Launch& launch) {
    auto start =
        with_object<CUpti_PmSampling_Start_Params>(CUpti_PmSampling_Start_Params_STRUCT_SIZE);
    BSFA_CUPTI(cupti_, cuptiPmSamplingStart, &start);
    Undo stop([this] {
      auto params =
          with_object<CUpti_PmSampling_Stop_Params>(CUpti_PmSampling_Stop_Params_STRUCT_SIZE);
      BSFA_CUPTI(cupti_, cuptiPmSamplingStop, &params);
    });
    const std::uint64_t launch_ns = duration_ns(launch);
    stop.now();
    return launch_ns;
  }

  /// Whether all that was sampled is there; what is, is kept.
  bool decode() {
    auto decode = with_object<CUpti_PmSampling_DecodeData_Params>(
        CUpti_PmSampling_DecodeData_Params_STRUCT_SIZE);
    decode.pCounterDataImage = counter_data_.data();
    decode.counterDataImageSize = counter_data_.size();
    const auto function =
        cupti_.function<decltype(&cuptiPmSamplingDecodeData)>("cuptiPmSamplingDecodeData");
    const CUptiResult result = function(&decode);
    // The answer to an overflow is this error, which may come with samples.
    const bool overflow = decode.overflow != 0;
    if (!(overflow && result == CUPTI_ERROR_OUT_OF_MEMORY)) {
      cupti_.check(result, "cuptiPmSamplingDecodeData");
    }
    return !overflow &&
           decode.decodeStopReason != CUPTI_PM_SAMPLING_DECODE_STOP_REASON_COUNTER_DATA_FULL;
  }

  std::vector<RawSample> samples(const HostConfig& config) const {
    auto info = sized_params<CUpti_PmSampling_GetCounterDataInfo_Params>(
        CUpti_PmSampling_GetCounterDataInfo_Params_STRUCT_SIZE);
    info.pCounterDataImage = counter_data_.data();
    info.counterDataImageSize = counter_data_.size();
    BSFA_CUPTI(cupti_, cuptiPmSamplingGetCounterDataInfo, &info);
    std::vector<RawSample> samples(info.numCompletedSamples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      auto time = with_object<CUpti_PmSampling_CounterData_GetSampleInfo_Params>(
          CUpti_PmSampling_CounterData_GetSampleInfo_Params_STRUCT_SIZE);
      time.pCounterDataImage = counter_data_.data();
      time.counterDataImageSize = counter_data_.size();
      time.sampleIndex = i;
      BSFA_CUPTI(cupti_, cuptiPmSamplingCounterDataGetSampleInfo, &time);
      samples[i] = {time.startTimestamp, time.endTimestamp, config.evaluate(counter_data_, i)};
    }
    return samples;
  }

 private:
  template <typename Params>
  Params with_object(std::size_t size) const {
    Params params = sized_params<Params>(size);
    params.pPmSamplingObject = object_;
    return params;
  }

  void make_counter_data(const HostConfig& config, std::uint32_t room) {
    std::vector<const char*> names = config.names();
    auto size = with_object<CUpti_PmSampling_GetCounterDataSize_Params>(
        CUpti_PmSampling_GetCounterDataSize_Params_STRUCT_SIZE);
    size.pMetricNames = names.data();
    size.numMetrics = names.size();
    size.maxSamples = room;
    BSFA_CUPTI(cupti_, cuptiPmSamplingGetCounterDataSize, &size);
    counter_data_.assign(size.counterDataSize, 0);
    auto initialize = with_object<CUpti_PmSampling_CounterDataImage_Initialize_Params>(
        CUpti_PmSampling_CounterDataImage_Initialize_Params_STRUCT_SIZE);
    initialize.counterDataSize = counter_data_.size();
    initialize.pCounterData = counter_data_.data();
    BSFA_CUPTI(cupti_, cuptiPmSamplingCounterDataImageInitialize, &initialize);
  }

  const CuptiLibrary& cupti_;
  CUpti_PmSampling_Object* object_ = nullptr;
  Image config_image_, counter_data_;
  Undo disable_;
};

RawSamples sample_launch(const CuptiLibrary& cupti, std::size_t ordinal, const HostConfig& config,
                         const SamplingPlan& plan, const Launch& launch) {
  PmSampler sampler(cupti, ordinal);
  sampler.configure(config, plan);
  RawSamples raw;
  raw.metrics = {config.names().begin(), config.names().end()};
  raw.interval_ns = plan.interval_ns;
  raw.launch_ns = sampler.sample(launch);
  raw.complete = sampler.decode();
  raw.samples = sampler.samples(config);
  sampler.disable();
  if (raw.samples.empty() && !raw.complete) {
    throw Refused("cuptiPmSamplingDecodeData: the hardware's buffer overflowed, no sample is left",
                  "sample less often");
  }
  return raw;
}

}  // namespace

SamplesResult collect_samples(const CuptiLibrary& cupti, const CurrentDevice& device,
                              const Launches& launches, const std::vector<std::string>& metrics,
                              std::uint64_t interval_ns) {
  // What is loaded when it is first used is loaded now, not while the launch is timed and sampled.
  launches.warm_up();
  const std::uint64_t launch_ns = duration_ns(launches.warm_up);
  Undo close = open_profiler(cupti);
  const Target target{CUPTI_PROFILER_TYPE_PM_SAMPLING, chip_name(cupti, device.ordinal),
                      counter_availability(cupti, device.ordinal)};
  KnownMetrics names = known_metrics(cupti, target, metrics);
  require_one_pass(cupti, target, names.known);
  HostConfig config(cupti, target);
  config.add(names.known);

  RawSamples raw;
  for (const std::uint64_t idle_ns : kIdleNs) {
    const SamplingPlan plan = plan_for(launch_ns, idle_ns, interval_ns);
    raw = sample_launch(cupti, device.ordinal, config, plan, launches.measured);
    if (reaches_end(raw)) break;
  }
  SamplesResult result = samples_of_launch(std::move(raw));
  result.unknown = std::move(names.unknown);
  return result;
}

SamplesResult collect_samples(const Launches& launches, const std::vector<std::string>& metrics,
                              std::uint64_t interval_ns) {
  return collect_samples(CuptiLibrary::get(), current_device(), launches, metrics, interval_ns);
}

}  // namespace bsfa::profiler
