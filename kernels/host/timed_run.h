// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/run_control.h"
#include "core/thresholds.h"
#include "core/work.h"
#include "kernels/host/cancel_bridge.h"
#include "kernels/host/library.h"
#include "kernels/host/memory.h"
#include "kernels/host/placed_inputs.h"
#include "kernels/host/plan.h"
#include "kernels/host/request.h"
#include "kernels/host/workspace.h"

namespace bsfa::kernels {

/// One problem in one memory, where runs of any kernels on it are timed: the inputs, placed once,
/// and outputs that every run overwrites, so that room does not grow with what is compared.
class TimedProblem {
 public:
  /// How much more than the cache a flush writes.
  static constexpr std::size_t kFlushFactor = 4;

  /// The inputs must outlive it. `control` says how many threads a host kernel may use and what
  /// cancels it.
  TimedProblem(std::unique_ptr<Memory> memory, const core::Problem& problem,
               const core::AttentionInputs& inputs, const core::RunControl& control);
  TimedProblem(const TimedProblem&) = delete;
  TimedProblem& operator=(const TimedProblem&) = delete;

  const Memory& memory() const noexcept { return *memory_; }
  /// Of what is written before every run, so that none finds its inputs in the cache.
  std::size_t flush_bytes() const { return kFlushFactor * memory_->cache_bytes(); }

  /// Copies the inputs to where they lie in a device's memory once more; nothing on the host.
  void upload();

 private:
  friend class TimedRun;

  void bind(bsfa_arguments& arguments, bool with_mask);
  void flush_cache();

  std::unique_ptr<Memory> memory_;
  RunRequest request_;
  core::RunControl control_;
  CancelBridge cancel_;
  PlacedInputs inputs_;
  Buffer o_, lse_, mask_, tile_max_;
  Buffer flush_from_, flush_to_;
};

/// A mask and the scores that it goes by, [B,H,Qb,Kb].
struct GatingOutput {
  std::vector<std::uint8_t> mask;
  std::vector<float> tile_max;
};

/// What a launch computed, as its memory holds it: [B,H,M,D] in the problem's dtype and [B,H,M].
struct ComputedOutput {
  std::vector<std::byte> o;
  std::vector<float> lse;  ///< empty where the kernel gives none
};

/// What a launch finds in the cache.
enum class CacheState {
  kFlushed,  ///< none of its inputs
  kAsItIs,   ///< whatever ran before left there
};

/// A kernel planned for such a problem, with all that it reads and writes in place, to be enqueued
/// as often as wanted. Its output is not looked at: that is what a comparison is for.
///
/// Errors  every function throws as Runner::run; core::UsageError also where the kernel does not
///         offer the level.
class TimedRun {
 public:
  /// `thresholds` nullptr: gating off. O and LSE (if the kernel gives it) are asked for, mask and
  /// tile_max from level mask on (not where `with_mask` is false), work records from level work on.
  TimedRun(Kernel kernel, TimedProblem& problem, const core::Thresholds* thresholds,
           bsfa_instrumentation level, bool with_mask = true);
  TimedRun(const TimedRun&) = delete;
  TimedRun& operator=(const TimedRun&) = delete;

  const Kernel& kernel() const noexcept { return kernel_; }

  /// How it will run.
  bsfa_plan_info describe() const { return plan_->describe(); }

  /// Runs once; milliseconds by the memory's own clock.
  double time(CacheState cache = CacheState::kFlushed);

  /// The records of the latest run that it had planned room for, sorted by start; none below level
  /// work or before a run.
  std::vector<core::WorkRecord> records();
  /// How many more there were when records() was called last.
  std::uint64_t records_lost() const noexcept { return records_lost_; }

  /// Reads back what the latest run computed.
  ComputedOutput download();

  /// Runs once and reads back what the kernel says of its gating; level mask or above.
  ///
  /// Errors  throws core::PluginError where the mask was not written, or holds what is no code.
  GatingOutput gating();

 private:
  void place_arguments(const bsfa_plan_info& info, bool with_mask);
  bool enqueue();

  Kernel kernel_;
  TimedProblem& problem_;
  std::optional<core::Thresholds> thresholds_;
  bsfa_instrumentation level_;
  bsfa_problem described_;
  std::unique_ptr<Plan> plan_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<Settings> settings_;
  Buffer records_, record_count_;
  std::uint64_t records_lost_ = 0;
  bsfa_arguments arguments_{};
};

}  // namespace bsfa::kernels
