// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/level_cost.h"
#include "analysis/timing.h"
#include "analysis/work_profile.h"
#include "cli/bench/variants.h"
#include "cli/profile/options.h"
#include "core/run_control.h"
#include "core/work.h"
#include "kernels/host/timed_run.h"
#include "traces/profile.h"

namespace bsfa::cli {

/// One kernel on one problem under one setting of the gate, in place to be launched.
class Subject {
 public:
  /// Loads the problem and finds kernel and thresholds.
  ///
  /// Errors  throws as kernels::find_kernel, load_problem and choose_thresholds.
  Subject(const ProfileOptions& options, const core::RunControl& control);

  const ProfileOptions& options() const noexcept { return options_; }
  const core::RunControl& control() const noexcept { return control_; }
  const kernels::Kernel& kernel() const noexcept { return kernel_; }
  const SourceProblem& source() const noexcept { return source_; }
  const core::Problem& problem() const noexcept { return source_.problem; }
  const ChosenThresholds& thresholds() const noexcept { return thresholds_; }
  bool on_device() const noexcept;
  const kernels::Memory& memory() { return stages_->of(kernel_).memory(); }
  Stages& stages() noexcept { return *stages_; }
  /// Where it lies.
  kernels::TimedProblem& placed() { return stages_->of(kernel_); }

  /// A run under `thresholds` (nullptr: gating off), planned and warmed up. From level work on it
  /// asks for records and not for a mask.
  ///
  /// Errors  as kernels::TimedRun.
  std::unique_ptr<kernels::TimedRun> prepare(const core::Thresholds* thresholds,
                                             bsfa_instrumentation level);
  /// The same under the subject's own thresholds.
  std::unique_ptr<kernels::TimedRun> prepare(bsfa_instrumentation level) {
    return prepare(thresholds_.get(), level);
  }
  /// The run at level none that everything is measured on.
  kernels::TimedRun& plain();
  /// What the kernel takes undisturbed, with its inputs in the cache as far as they fit.
  double warm_ms();
  /// The highest level of records that the kernel offers here; none where it offers no records.
  std::optional<bsfa_instrumentation> record_level();

 private:
  const ProfileOptions& options_;
  core::RunControl control_;
  kernels::Kernel kernel_;
  SourceProblem source_;
  ChosenThresholds thresholds_;
  std::unique_ptr<Stages> stages_;
  std::unique_ptr<kernels::TimedRun> plain_;
  std::optional<double> warm_ms_;
};

/// A fixed k and one threshold, launched in turn under the same conditions.
struct LoadTimes {
  analysis::TimeSummary fixed_k_ns, one_threshold_ns;
  /// Of one threshold to the fixed k: the median over rounds less 1, and its deviation.
  std::optional<analysis::AddedCost> added;
  std::size_t rounds = 0;
};

/// What was collected of a subject.
struct Collection {
  traces::Profile profile;
  std::vector<core::WorkRecord> records;  ///< of one launch, sorted by start
  std::uint64_t counter_passes = 0;
  std::vector<std::string> unknown_metrics;  ///< that the GPU does not have
  std::optional<analysis::LoadComparison> loads;
  std::int64_t loads_k = 0;     ///< of its first side; the second keeps as many tiles in all
  std::int64_t loads_kept = 0;  ///< off-diagonal tiles by the thresholds in use; k is nearest to it
  std::optional<LoadTimes> load_times;
};

}  // namespace bsfa::cli
