// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/host_config.h"

#include <limits>
#include <utility>

#include <cupti_profiler_target.h>
#include <cupti_target.h>

namespace bsfa::profiler {
namespace {

/// Names without a roll-up pass CUPTI's own check of names, and spoil a configuration they are
/// added to.
bool has_rollup(const std::string& metric) {
  const std::size_t dot = metric.rfind('.');
  return dot != std::string::npos && metric.find("__", dot) == std::string::npos;
}

bool is_configurable(const CuptiLibrary& cupti, const Target& target, const std::string& metric) {
  try {
    passes_of(cupti, target, {metric});
    return true;
  } catch (const Refused&) {
    return false;
  }
}

void keep_configurable(const CuptiLibrary& cupti, const Target& target, KnownMetrics& metrics) {
  std::vector<std::string> kept;
  for (const std::string& metric : metrics.known) {
    (is_configurable(cupti, target, metric) ? kept : metrics.unknown).push_back(metric);
  }
  metrics.known = std::move(kept);
}

}  // namespace

Undo open_profiler(const CuptiLibrary& cupti) {
  auto open =
      sized_params<CUpti_Profiler_Initialize_Params>(CUpti_Profiler_Initialize_Params_STRUCT_SIZE);
  BSFA_CUPTI(cupti, cuptiProfilerInitialize, &open);
  return Undo([&cupti] {
    auto close = sized_params<CUpti_Profiler_DeInitialize_Params>(
        CUpti_Profiler_DeInitialize_Params_STRUCT_SIZE);
    BSFA_CUPTI(cupti, cuptiProfilerDeInitialize, &close);
  });
}

std::string chip_name(const CuptiLibrary& cupti, std::size_t ordinal) {
  auto ask =
      sized_params<CUpti_Device_GetChipName_Params>(CUpti_Device_GetChipName_Params_STRUCT_SIZE);
  ask.deviceIndex = ordinal;
  BSFA_CUPTI(cupti, cuptiDeviceGetChipName, &ask);
  if (ask.pChipName == nullptr) throw Refused("cuptiDeviceGetChipName: gave no name", {});
  return ask.pChipName;
}

HostConfig::HostConfig(const CuptiLibrary& cupti, Target target)
    : cupti_(cupti), target_(std::move(target)) {
  auto open = sized_params<CUpti_Profiler_Host_Initialize_Params>(
      CUpti_Profiler_Host_Initialize_Params_STRUCT_SIZE);
  open.profilerType = target_.type;
  open.pChipName = target_.chip.c_str();
  const Image& availability = target_.availability;
  open.pCounterAvailabilityImage = availability.empty() ? nullptr : availability.data();
  BSFA_CUPTI(cupti_, cuptiProfilerHostInitialize, &open);
  object_ = open.pHostObject;
  deinitialize_ = Undo([&cupti, object = object_] {
    auto close = sized_params<CUpti_Profiler_Host_Deinitialize_Params>(
        CUpti_Profiler_Host_Deinitialize_Params_STRUCT_SIZE);
    close.pHostObject = object;
    BSFA_CUPTI(cupti, cuptiProfilerHostDeinitialize, &close);
  });
}

bool HostConfig::knows(const std::string& metric) const {
  if (!has_rollup(metric)) return false;
  auto ask = sized_params<CUpti_Profiler_Host_GetMetricProperties_Params>(
      CUpti_Profiler_Host_GetMetricProperties_Params_STRUCT_SIZE);
  ask.pHostObject = object_;
  ask.pMetricName = metric.c_str();
  const auto properties = cupti_.function<decltype(&cuptiProfilerHostGetMetricProperties)>(
      "cuptiProfilerHostGetMetricProperties");
  return properties(&ask) == CUPTI_SUCCESS;
}

void HostConfig::add(const std::vector<std::string>& metrics) {
  metrics_ = metrics;
  names_.clear();
  for (const std::string& metric : metrics_) names_.push_back(metric.c_str());
  auto add = sized_params<CUpti_Profiler_Host_ConfigAddMetrics_Params>(
      CUpti_Profiler_Host_ConfigAddMetrics_Params_STRUCT_SIZE);
  add.pHostObject = object_;
  add.ppMetricNames = names_.data();
  add.numMetrics = names_.size();
  BSFA_CUPTI(cupti_, cuptiProfilerHostConfigAddMetrics, &add);
}

Image HostConfig::image() const {
  auto size = sized_params<CUpti_Profiler_Host_GetConfigImageSize_Params>(
      CUpti_Profiler_Host_GetConfigImageSize_Params_STRUCT_SIZE);
  size.pHostObject = object_;
  BSFA_CUPTI(cupti_, cuptiProfilerHostGetConfigImageSize, &size);
  Image image(size.configImageSize);
  auto get = sized_params<CUpti_Profiler_Host_GetConfigImage_Params>(
      CUpti_Profiler_Host_GetConfigImage_Params_STRUCT_SIZE);
  get.pHostObject = object_;
  get.configImageSize = image.size();
  get.pConfigImage = image.data();
  BSFA_CUPTI(cupti_, cuptiProfilerHostGetConfigImage, &get);
  return image;
}

std::size_t HostConfig::passes(Image image) const {
  auto ask = sized_params<CUpti_Profiler_Host_GetNumOfPasses_Params>(
      CUpti_Profiler_Host_GetNumOfPasses_Params_STRUCT_SIZE);
  ask.configImageSize = image.size();
  ask.pConfigImage = image.data();
  BSFA_CUPTI(cupti_, cuptiProfilerHostGetNumOfPasses, &ask);
  return ask.numOfPasses;
}

std::vector<double> HostConfig::evaluate(const Image& counter_data, std::size_t index) const {
  std::vector<double> values(names_.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<const char*> names = names_;
  auto evaluate = sized_params<CUpti_Profiler_Host_EvaluateToGpuValues_Params>(
      CUpti_Profiler_Host_EvaluateToGpuValues_Params_STRUCT_SIZE);
  evaluate.pHostObject = object_;
  evaluate.pCounterDataImage = counter_data.data();
  evaluate.counterDataImageSize = counter_data.size();
  evaluate.rangeIndex = index;
  evaluate.ppMetricNames = names.data();
  evaluate.numMetrics = names.size();
  evaluate.pMetricValues = values.data();
  BSFA_CUPTI(cupti_, cuptiProfilerHostEvaluateToGpuValues, &evaluate);
  return values;
}

std::size_t passes_of(const CuptiLibrary& cupti, const Target& target,
                      const std::vector<std::string>& metrics) {
  HostConfig config(cupti, target);
  config.add(metrics);
  return config.passes(config.image());
}

KnownMetrics known_metrics(const CuptiLibrary& cupti, const Target& target,
                           const std::vector<std::string>& metrics) {
  KnownMetrics result;
  const HostConfig config(cupti, target);
  for (const std::string& metric : metrics) {
    (config.knows(metric) ? result.known : result.unknown).push_back(metric);
  }
  if (result.known.empty()) {
    throw Refused("chip " + target.chip + " has none of the " + std::to_string(metrics.size()) +
                      " metrics that were asked for",
                  "name others in a file of metrics");
  }
  try {
    passes_of(cupti, target, result.known);
    return result;
  } catch (const Refused&) {
    // A chip may have what this device of it has not; only trying tells.
    keep_configurable(cupti, target, result);
    if (result.known.empty()) throw;
    return result;
  }
}

}  // namespace bsfa::profiler
