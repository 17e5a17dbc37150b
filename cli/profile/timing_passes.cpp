// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <utility>

#include "analysis/density_thresholds.h"
#include "analysis/level_cost.h"
#include "analysis/load_thresholds.h"
#include "analysis/timing.h"
#include "cli/profile/passes.h"
#include "cli/support/progress.h"
#include "cli/support/stopwatch.h"
#include "core/error.h"
#include "profiler/host/collectors.h"
#include "profiler/host/nvtx.h"
#include "profiler/host/refused.h"

namespace bsfa::cli {
namespace {

constexpr int kRecordedLaunches = 3;
/// The fastest of several launches is the one that the rest of the machine disturbed least: so many
/// at least, and more while they take less than this in all.
constexpr int kRecordLaunches = 5;
constexpr double kRecordSeconds = 0.2;
constexpr double kNsPerMs = 1e6;

struct TimedVariant {
  std::string name;
  std::unique_ptr<kernels::TimedRun> run;
};

/// Level none, the levels of records that are offered, and dense attention.
std::vector<TimedVariant> variants_of(Subject& subject) {
  std::vector<TimedVariant> variants;
  variants.push_back({"none", subject.prepare(BSFA_INSTRUMENT_NONE)});
  for (const auto level : {BSFA_INSTRUMENT_WORK, BSFA_INSTRUMENT_WARPS}) {
    try {
      variants.push_back({name_of(level), subject.prepare(level)});
    } catch (const core::UsageError&) {
      // A level that is not offered is shown as such by its absence.
      continue;
    }
  }
  if (subject.thresholds().get() != nullptr) {
    variants.push_back({"dense", subject.prepare(nullptr, BSFA_INSTRUMENT_NONE)});
  }
  return variants;
}

analysis::StoppingRule rule_of(const ProfileOptions& o) {
  analysis::StoppingRule rule;
  rule.max_seconds = o.max_seconds;
  rule.min_seconds = std::min(rule.min_seconds, o.max_seconds);
  return rule;
}

/// Launches every run once a round, in random order.
analysis::InterleavedTimes interleaved(const Subject& subject, std::size_t runs, Progress& progress,
                                       const std::function<kernels::TimedRun&(std::size_t)>& run) {
  const auto rule = rule_of(subject.options());
  const Stopwatch stopwatch;
  const auto finished = [&](std::size_t round) {
    progress.update(static_cast<std::int64_t>(round), rule.max_rounds);
  };
  return analysis::measure_interleaved(
      runs, rule, subject.options().source.shape.seed,
      {[&](std::size_t i) { return run(i).time(); }, [&] { return stopwatch.total(); }, finished});
}

std::vector<double> nanoseconds(const std::vector<double>& times_ms) {
  std::vector<double> times_ns;
  for (const double ms : times_ms) times_ns.push_back(ms * kNsPerMs);
  return times_ns;
}

struct Records {
  std::vector<core::WorkRecord> list;
  std::uint64_t lost = 0;
};

Records records_of_fastest(kernels::TimedRun& run) {
  Records records;
  double least_ms = std::numeric_limits<double>::infinity();
  const Stopwatch watch;
  for (int i = 0; i < kRecordLaunches || watch.total() < kRecordSeconds; ++i) {
    const double ms = run.time();
    if (ms >= least_ms) continue;
    least_ms = ms;
    records.list = run.records();
    records.lost = run.records_lost();
  }
  return records;
}

/// All that a user's call would do, each phase in a range of its own. Times of the launches, in ms.
std::vector<double> run_from_end_to_end(Subject& subject) {
  kernels::TimedRun& run = subject.plain();
  std::vector<double> times;
  const profiler::NvtxRange all("profiled problem");
  {
    const profiler::NvtxRange phase("upload");
    subject.placed().upload();
  }
  {
    const profiler::NvtxRange phase("warm-up");
    run.time(kernels::CacheState::kAsItIs);
  }
  {
    const profiler::NvtxRange phase("recorded launches");
    for (int i = 0; i < kRecordedLaunches; ++i) {
      const profiler::NvtxRange one("launch " + std::to_string(i));
      times.push_back(run.time(kernels::CacheState::kAsItIs));
    }
  }
  const profiler::NvtxRange phase("download");
  run.download();
  return times;
}

analysis::WorkProfile load_under(Subject& subject, const core::Thresholds& thresholds) {
  const auto run = subject.prepare(&thresholds, BSFA_INSTRUMENT_WORK);
  return analysis::profile_work(records_of_fastest(*run).list, subject.memory().multiprocessors());
}

LoadTimes load_times(Subject& subject, const core::Thresholds& fixed, const core::Thresholds& one,
                     Progress& progress) {
  const std::array runs = {subject.prepare(&fixed, BSFA_INSTRUMENT_NONE),
                           subject.prepare(&one, BSFA_INSTRUMENT_NONE)};
  const auto measured = interleaved(subject, runs.size(), progress,
                                    [&](std::size_t i) -> kernels::TimedRun& { return *runs[i]; });
  return {analysis::summarize(nanoseconds(measured.times[0])),
          analysis::summarize(nanoseconds(measured.times[1])),
          analysis::added_cost(measured.times[0], measured.times[1]), measured.rounds()};
}

}  // namespace

void collect_times(Subject& subject, Collection& result, traces::Facility&) {
  Progress progress("timing");
  const auto variants = variants_of(subject);
  const auto measured =
      interleaved(subject, variants.size(), progress,
                  [&](std::size_t i) -> kernels::TimedRun& { return *variants[i].run; });
  for (std::size_t i = 0; i < variants.size(); ++i) {
    result.profile.times.push_back({variants[i].name, nanoseconds(measured.times[i])});
  }
}

void collect_activity(Subject& subject, Collection& result, traces::Facility& facility) {
  if (!subject.on_device()) {
    throw profiler::Refused("the kernel computes on the host: there is no device to watch", "");
  }
  const double undisturbed = subject.warm_ms();
  const auto recorder = profiler::record_activity();
  const auto times = run_from_end_to_end(subject);
  auto spans = recorder->finish();
  facility.dropped = recorder->dropped();
  facility.slowdown = analysis::summarize(times).median / undisturbed - 1.0;
  result.profile.spans = std::move(spans);
}

void collect_work(Subject& subject, Collection& result, traces::Facility& facility) {
  const auto level = subject.record_level();
  if (!level) {
    throw profiler::Refused(
        subject.kernel().name() + " offers no work records for this problem",
        "a kernel offers them with instrumentation level work of the kernel interface");
  }
  Progress progress("recording work");
  const auto run = subject.prepare(*level);
  auto records = records_of_fastest(*run);
  if (records.list.empty())
    throw profiler::Refused(subject.kernel().name() + " wrote no record", "");
  const auto info = run->describe();
  std::vector<double> times, plain;
  for (int i = 0; i < kRecordLaunches; ++i) {
    times.push_back(run->time());
    plain.push_back(subject.plain().time());
  }
  if (const auto added = analysis::added_cost(plain, times)) facility.slowdown = added->share;
  auto& profile = result.profile;
  profile.compute_tile = {info.compute_q_block, info.compute_k_block};
  profile.tensor_per_qk = info.tensor_instructions_per_qk;
  profile.tensor_per_pv = info.tensor_instructions_per_pv;
  facility.dropped = records.lost;
  result.records = std::move(records.list);
}

void collect_loads(Subject& subject, Collection& result, traces::Facility&) {
  const core::Problem& problem = subject.problem();
  Progress progress("comparing loads");
  const kernels::Kernel& kernel = subject.kernel();
  const auto scores = tile_max_of(subject.stages(), {&kernel, 1});
  const auto count = [&](const core::Thresholds& thresholds) {
    return analysis::tiles_kept(problem, scores.values, thresholds);
  };
  // A table's own k says little of what it keeps here: it may stem from other samples, or differ by
  // head.
  const std::int64_t kept = count(*subject.thresholds().get());
  const std::int64_t k = analysis::k_keeping(problem, kept);
  const auto fixed =
      analysis::thresholds_keeping_tiles(problem, scores.values, std::vector<std::int64_t>{k})
          .front();
  const auto one = analysis::one_threshold_keeping(problem, scores.values, count(fixed));
  const auto comparison =
      analysis::compare_loads(load_under(subject, fixed), load_under(subject, one));
  result.load_times = load_times(subject, fixed, one, progress);
  result.loads = comparison;
  result.loads_k = k;
  result.loads_kept = kept;
}

}  // namespace bsfa::cli
