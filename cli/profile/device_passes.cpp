// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/profile/passes.h"
#include "cli/support/progress.h"
#include "cli/support/stopwatch.h"
#include "core/error.h"
#include "profiler/host/collectors.h"
#include "profiler/host/nvtx.h"
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

/// Launches a run with whatever is in the cache, and remembers what that took.
class Launcher {
 public:
  explicit Launcher(Subject& subject) : run_(subject.plain()), undisturbed_(subject.warm_ms()) {}
  profiler::Launch launch() {
    return [this] {
      ms_ += run_.time(kernels::CacheState::kAsItIs);
      ++launches_;
    };
  }
  std::optional<double> slowdown() const {
    if (launches_ == 0 || !(undisturbed_ > 0.0)) return std::nullopt;
    return ms_ / (launches_ * undisturbed_) - 1.0;
  }

 private:
  kernels::TimedRun& run_;
  double undisturbed_;
  double ms_ = 0.0;
  int launches_ = 0;
};

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

traces::Facility attempt(const std::string& name,
                         const std::function<void(traces::Facility&)>& collect) {
  traces::Facility facility;
  facility.name = name;
  const profiler::NvtxRange range(name);
  const auto refuse = [&](const char* words, const std::string& advice) {
    facility.status = traces::Facility::Status::kRefused;
    facility.refusal = words;
    facility.advice = advice;
    facility.slowdown.reset();
  };
  const Stopwatch watch;
  try {
    collect(facility);
  } catch (const profiler::Refused& refused) {
    refuse(refused.what(), refused.advice());
  } catch (const core::UsageError& unsupported) {
    refuse(unsupported.what(), "");
  } catch (const core::DeviceError& failed) {
    refuse(failed.what(), "what was collected before may have left the device in this state");
  }
  facility.wall_ms = 1e3 * watch.total();
  return facility;
}

void collect_counters(Subject& subject, Collection& result, traces::Facility& facility) {
  require_device(subject);
  const auto file = metric_file(subject.options());
  Progress progress("counting");
  Launcher launcher(subject);
  auto counted = profiler::collect_counters(launcher.launch(), file.counters);
  facility.slowdown = launcher.slowdown();
  result.counter_passes = counted.passes;
  result.profile.counters = std::move(counted.counters);
  append(result.unknown_metrics, counted.unknown);
}

void collect_samples(Subject& subject, Collection& result, traces::Facility& facility) {
  require_device(subject);
  const auto file = metric_file(subject.options());
  const auto metrics = profiler::metrics_of(file.samples);
  Progress progress("sampling");
  Launcher launcher(subject);
  const auto interval_ns = static_cast<std::uint64_t>(subject.options().interval_us * kNsPerUs);
  auto sampled = profiler::collect_samples(launcher.launch(), metrics, interval_ns);
  facility.slowdown = launcher.slowdown();
  facility.dropped = sampled.dropped;
  result.profile.samples = std::move(sampled.samples);
  append(result.unknown_metrics, sampled.unknown);
}

void collect_stalls(Subject& subject, Collection& result, traces::Facility& facility) {
  require_device(subject);
  Progress progress("sampling stalls");
  Launcher launcher(subject);
  auto stalls = profiler::collect_stalls(launcher.launch(), kStallLaunches,
                                         source_folders(subject.options()));
  facility.slowdown = launcher.slowdown();
  facility.dropped = stalls.dropped;
  result.profile.stalls = std::move(stalls.stalls);
}

}  // namespace bsfa::cli
