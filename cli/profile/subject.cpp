// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/subject.h"

#include "analysis/timing.h"
#include "core/error.h"
#include "kernels/host/run.h"
#include "profiler/host/nvtx.h"

namespace bsfa::cli {
namespace {

constexpr int kDeviceWarmUps = 2;
constexpr int kHostWarmUps = 1;
constexpr int kWarmLaunches = 5;

ChosenThresholds thresholds_of(const ProfileOptions& o, const SourceProblem& source,
                               const kernels::Kernel& kernel, const core::RunControl& control) {
  const profiler::NvtxRange range("thresholds");
  const std::string name = o.source.qkv.empty() ? source.name : o.source.qkv;
  return choose_thresholds(o.thresholds, {source.problem, source.inputs, name}, source.layer,
                           core::all_work_items(source.problem), &kernel, control);
}

}  // namespace

Subject::Subject(const ProfileOptions& options, const core::RunControl& control)
    : options_(options), control_(control), kernel_(kernels::find_kernel(options.kernel)) {
  kernels::require_runnable(kernel_);
  source_ = load_problem(options.source, options.input);
  control_.throw_if_cancelled();
  thresholds_ = thresholds_of(options, source_, kernel_, control_);
  stages_ = std::make_unique<Stages>(source_.problem, source_.inputs, control_);
}

bool Subject::on_device() const noexcept {
  return kernel_.table->memory_space != BSFA_HOST;
}

std::unique_ptr<kernels::TimedRun> Subject::prepare(const core::Thresholds* thresholds,
                                                    bsfa_instrumentation level) {
  const bool with_mask = level == BSFA_INSTRUMENT_MASK;
  auto run = std::make_unique<kernels::TimedRun>(kernel_, stages_->of(kernel_), thresholds, level,
                                                 with_mask);
  const int warm_ups = on_device() ? kDeviceWarmUps : kHostWarmUps;
  for (int time = 0; time < warm_ups; ++time) run->time();
  return run;
}

kernels::TimedRun& Subject::plain() {
  if (!plain_) plain_ = prepare(BSFA_INSTRUMENT_NONE);
  return *plain_;
}

double Subject::warm_ms() {
  if (!warm_ms_) {
    std::vector<double> times;
    for (int i = 0; i < kWarmLaunches; ++i) {
      times.push_back(plain().time(kernels::CacheState::kAsItIs));
    }
    warm_ms_ = analysis::summarize(times).median;
  }
  return *warm_ms_;
}

std::optional<bsfa_instrumentation> Subject::record_level() {
  for (const auto level : {BSFA_INSTRUMENT_WARPS, BSFA_INSTRUMENT_WORK}) {
    try {
      static_cast<void>(
          kernels::TimedRun(kernel_, stages_->of(kernel_), thresholds_.get(), level, false));
      return level;
    } catch (const core::UsageError&) {
      // Not offered, for this problem or at all.
      continue;
    }
  }
  return std::nullopt;
}

}  // namespace bsfa::cli
