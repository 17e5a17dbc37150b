// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/profile/launch_timer.h"
#include "cli/profile/passes.h"
#include "cli/support/progress.h"
#include "profiler/host/collectors.h"
#include "profiler/host/refused.h"

namespace bsfa::cli {
namespace {

constexpr int kStallLaunches = 20;
constexpr double kNsPerUs = 1e3;

void require_device(const Subject& subject) {
  if (subject.on_device()) return;
  throw profiler::Refused("kernel " + subject.kernel().name() + " computes on the host",
                          "a kernel on a device can be counted: --kernel cuda");
}

profiler::MetricFile metric_file(const ProfileOptions& o) {
  return o.metrics.empty() ? profiler::built_in_metrics() : profiler::read_metric_file(o.metrics);
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Launches with whatever is in the cache.
LaunchTimer timer_of(Subject& subject) {
  return {[&run = subject.plain()] { return run.time(kernels::CacheState::kAsItIs); },
          subject.warm_ms()};
}

/// Where a kernel's source may lie: what was given, here, and beside this program.
std::vector<std::string> source_folders(const ProfileOptions& o) {
  std::vector<std::string> folders = o.sources;
  folders.emplace_back(".");
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return folders;
  for (auto folder = program.parent_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    if (std::filesystem::is_directory(folder / "kernels", error)) folders.push_back(folder);
  }
  return folders;
}

}  // namespace

void collect_counters(Subject& subject, Collection& result, traces::Facility& facility) {
  require_device(subject);
  const auto file = metric_file(subject.options());
  Progress progress("counting");
  LaunchTimer timer = timer_of(subject);
  auto counted = profiler::collect_counters(timer.launches(), file.counters);
  facility.slowdown = timer.slowdown();
  result.counter_passes = counted.passes;
  result.profile.counters = std::move(counted.counters);
  append(result.unknown_metrics, counted.unknown);
}

void collect_samples(Subject& subject, Collection& result, traces::Facility& facility) {
  require_device(subject);
  const auto file = metric_file(subject.options());
  const auto metrics = profiler::metrics_of(file.samples);
  Progress progress("sampling");
  LaunchTimer timer = timer_of(subject);
  const auto interval_ns = static_cast<std::uint64_t>(subject.options().interval_us * kNsPerUs);
  auto sampled = profiler::collect_samples(timer.launches(), metrics, interval_ns);
  facility.slowdown = timer.slowdown();
  facility.dropped = sampled.dropped;
  result.profile.samples = std::move(sampled.samples);
  append(result.unknown_metrics, sampled.unknown);
}

void collect_stalls(Subject& subject, Collection& result, traces::Facility& facility) {
  require_device(subject);
  Progress progress("sampling stalls");
  LaunchTimer timer = timer_of(subject);
  auto stalls =
      profiler::collect_stalls(timer.launches(), kStallLaunches, source_folders(subject.options()));
  facility.slowdown = timer.slowdown();
  facility.dropped = stalls.dropped;
  result.profile.stalls = std::move(stalls.stalls);
}

}  // namespace bsfa::cli
