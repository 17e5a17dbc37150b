// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/launch_samples.h"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace bsfa::profiler {
namespace {

constexpr const char* kActivity = "sm__cycles_active";

std::optional<std::size_t> activity_metric(const std::vector<std::string>& metrics) {
  const auto found = std::find_if(metrics.begin(), metrics.end(), [](const std::string& metric) {
    return metric.find(kActivity) != std::string::npos;
  });
  if (found == metrics.end()) return std::nullopt;
  return static_cast<std::size_t>(found - metrics.begin());
}

/// How many intervals fit a time in which there is no sample.
std::uint64_t missing_in(std::uint64_t gap_ns, std::uint64_t interval_ns) {
  return (gap_ns + interval_ns / 2) / interval_ns;
}

/// Those from the first in which an SM is active to the last.
void keep_active(std::vector<RawSample>& samples, std::size_t activity) {
  const auto active = [&](const RawSample& sample) { return sample.values[activity] > 0.0; };
  const auto last = std::find_if(samples.rbegin(), samples.rend(), active).base();
  samples.erase(last, samples.end());
  samples.erase(samples.begin(), std::find_if(samples.begin(), samples.end(), active));
}

std::uint64_t count_missing(const RawSamples& raw, bool cut_short) {
  std::uint64_t missing = 0;
  for (std::size_t i = 1; i < raw.samples.size(); ++i) {
    const std::uint64_t from = raw.samples[i - 1].end_ns, to = raw.samples[i].start_ns;
    if (to > from) missing += missing_in(to - from, raw.interval_ns);
  }
  if (!cut_short) return missing;
  const std::uint64_t held = raw.samples.back().end_ns - raw.samples.front().start_ns;
  const std::uint64_t lost = raw.launch_ns > held ? raw.launch_ns - held : 0;
  return missing + std::max<std::uint64_t>(1, missing_in(lost, raw.interval_ns));
}

}  // namespace

bool reaches_end(const RawSamples& raw) {
  const std::optional<std::size_t> activity = activity_metric(raw.metrics);
  if (raw.complete || !activity || raw.samples.empty()) return raw.complete;
  const auto active = [&](const RawSample& sample) { return sample.values[*activity] > 0.0; };
  return std::any_of(raw.samples.begin(), raw.samples.end(), active) && !active(raw.samples.back());
}

SamplesResult samples_of_launch(RawSamples raw) {
  // The library gives samples that cover no time when it stops.
  std::erase_if(raw.samples, [](const RawSample& s) { return s.end_ns <= s.start_ns; });
  std::sort(raw.samples.begin(), raw.samples.end(),
            [](const RawSample& a, const RawSample& b) { return a.start_ns < b.start_ns; });
  const std::size_t all = raw.samples.size();
  const bool cut_short = !reaches_end(raw);
  if (const auto activity = activity_metric(raw.metrics)) keep_active(raw.samples, *activity);
  if (raw.samples.empty()) {
    throw Refused("no SM is active in any of " + std::to_string(all) + " samples, one every " +
                      std::to_string(raw.interval_ns) + " ns",
                  "sample more often, or profile a longer launch");
  }

  SamplesResult result;
  result.dropped = count_missing(raw, cut_short);
  result.samples.interval_ns = raw.interval_ns;
  const std::uint64_t begin = raw.samples.front().start_ns;
  for (const RawSample& sample : raw.samples) {
    result.samples.start_ns.push_back(sample.start_ns - begin);
  }
  for (std::size_t metric = 0; metric < raw.metrics.size(); ++metric) {
    traces::SampleSeries series{raw.metrics[metric], {}};
    for (const RawSample& sample : raw.samples) {
      series.values.push_back(static_cast<float>(sample.values[metric]));
    }
    result.samples.series.push_back(std::move(series));
  }
  return result;
}

}  // namespace bsfa::profiler
