// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/range_profiler.h"

#include <limits>
#include <map>
#include <string>

#include "profiler/cupti/host_config.h"
#include "profiler/cupti/range_session.h"

namespace bsfa::profiler {
namespace {

/// Values of one way of counting a launch; none where it gave another number of ranges than one.
std::vector<double> count(RangeSession& session, const HostConfig& config, const Image& image,
                          const Launch& launch, Ranges ranges) {
  session.configure(config, image, ranges);
  if (ranges == Ranges::kKernels) {
    session.count(launch);
  } else {
    // As many as there are passes; some more in case a pass has to be repeated.
    std::size_t runs_left = 2 * config.passes(image) + 2;
    while (!session.count(launch)) {
      if (--runs_left == 0) {
        throw Refused("cuptiRangeProfilerStop: asks for more passes than it had announced", {});
      }
    }
  }
  if (session.decode() != 1) return {};
  return config.evaluate(session.counter_data(), 0);
}

std::vector<double> count_launch(const CuptiLibrary& cupti, CUcontext context,
                                 const HostConfig& config, const Image& image,
                                 const Launch& launch) {
  for (const Ranges ranges : {Ranges::kKernels, Ranges::kWhole}) {
    RangeSession session(cupti, context);
    std::vector<double> values = count(session, config, image, launch, ranges);
    session.disable();
    if (!values.empty()) return values;
  }
  throw Refused("cuptiRangeProfilerDecodeData: gave no range for the launch", {});
}

}  // namespace

CountersResult collect_counters(const CuptiLibrary& cupti, const CurrentDevice& device,
                                const Launches& launches, const std::vector<MetricSet>& sets) {
  // What is loaded when it is first used is loaded now, and not counted.
  launches.warm_up();
  Undo close = open_profiler(cupti);
  const Target target{CUPTI_PROFILER_TYPE_RANGE_PROFILER, chip_name(cupti, device.ordinal),
                      counter_availability(cupti, device.context)};
  KnownMetrics metrics = known_metrics(cupti, target, metrics_of(sets));
  HostConfig config(cupti, target);
  config.add(metrics.known);
  const Image image = config.image();

  CountersResult result;
  result.passes = config.passes(image);
  const std::vector<double> values =
      count_launch(cupti, device.context, config, image, launches.measured);
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

CountersResult collect_counters(const Launches& launches, const std::vector<MetricSet>& sets) {
  return collect_counters(CuptiLibrary::get(), current_device(), launches, sets);
}

}  // namespace bsfa::profiler
