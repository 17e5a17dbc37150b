// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/tile_counts.h"
#include "core/block.h"
#include "core/problem.h"
#include "core/thresholds.h"

namespace bsfa::analysis {

/// The arithmetic of one Q block: kernel against double, under the kernel's own mask.
///
/// Rows in which a kept score is NaN or +inf, and rows that keep nothing but -inf, have exact
/// answers (O all NaN and LSE not finite; O = 0 and LSE = -inf) and no share in the maxima. Rows
/// in which the naive computation itself overflows (scores in fp32, O in the dtype) are exempt.
struct ArithmeticFinding {
  double error = 0.0;  ///< max |O - ref| over judged entries; NaN if any comparison met a NaN
  double bound = 0.0;  ///< 2 max|low - ref| + 2u max|ref|
  /// error / bound; 0 where both are 0, NaN where the error is, +inf where an exact answer is
  /// wrong.
  double ratio = 0.0;
  std::int64_t worst_row = -1;      ///< row of Q, 0 .. M
  std::int64_t worst_channel = -1;  ///< 0 .. D
  double lse_error = 0.0, lse_bound = 0.0, lse_ratio = 0.0;
  std::int64_t worst_lse_row = -1;
  std::int64_t exempt_channels = 0;  ///< channels left out for a non-finite V
  std::int64_t exempt_rows = 0;      ///< rows left out because naive arithmetic overflows
  std::int64_t judged_entries = 0;   ///< values of O that were compared
  std::vector<double> row_error;     ///< [rows] max |O - ref|; empty where not judged
  std::string what;                  ///< one line about the first failure, empty if passed
  bool passed = true;
};

/// The gating of one Q block: kernel mask and tile_max against the reference's.
///
/// A decision that differs from the reference's is a tie where 0 < β and |tile_max - τ| <= β, else
/// a violation: with β = 0 fp32 is exact and leaves a kernel no choice.
struct GatingFinding {
  std::int64_t ties = 0;        ///< tiles
  std::int64_t violations = 0;  ///< tiles with a wrong code, a wrong decision or a wrong tile_max
  /// Of the first violation if there is one, else of the largest tile_max error over β.
  std::int64_t worst_k_block = -1;
  std::string what;             ///< one line about the first violation, that of worst_k_block
  double tile_max_ratio = 0.0;  ///< largest |Δ tile_max| / β; 0 where not reported
  /// [Kb] |Δ tile_max|, 0 outside, NaN where only one side is NaN; empty if not reported.
  std::vector<float> tile_error;
};

/// What the method costs for one Q block, and what the certificate promises without a dense run.
struct MethodFinding {
  double squared_difference = 0.0, squared_dense = 0.0;  ///< sums over rows and channels
  double max_difference = 0.0;
  double retained_mass = 1.0, retained_mass_min = 1.0;  ///< mean and minimum over rows
  std::int64_t mass_rows = 0;  ///< rows behind retained_mass: those with a finite dense softmax
  double certificate = 0.0;    ///< largest over rows of the bound on lost/kept mass
  /// sqrt(squared_difference / squared_dense).
  double relative_l2() const;
};

struct BlockVerdict {
  core::WorkItem item;
  std::int64_t rows = 0;
  TileCounts tiles;  ///< under the judged mask
  ArithmeticFinding arithmetic;
  GatingFinding gating;
  MethodFinding method;
  std::int64_t skipped_beyond_ties = 0;
  bool distinguishes = false;  ///< masked and dense outputs differ by more than the tolerance
  bool set_aside = false;      ///< no mask reported and ties present: not judged
};

/// Judges one Q block.
///
/// `evaluation.masked[0]` must have been computed with low, under the kernel's own mask where it
/// reports one, else under the reference's. `thresholds` nullptr means gating was off.
///
/// Errors   throws core::InvalidProblem where the evaluation or O does not fit the problem.
/// Threads  pure; any number of blocks at once.
BlockVerdict judge_block(const core::Problem& problem, const core::Thresholds* thresholds,
                         const core::BlockEvaluation& evaluation, const core::KernelOutput& kernel);

/// The kernel's own mask for a Q block, codes that do not exist read as skipped.
///
/// Errors  throws core::InvalidProblem where the kernel reports no mask.
std::vector<core::TileCode> judged_mask(const core::Problem& problem, const core::WorkItem& item,
                                        const core::KernelOutput& kernel);

/// For all tiles, checked against the reference or not: mask codes match the geometry, and the mask
/// equals the kernel's own tile_max >= τ. Needs mask; the tile_max part needs tile_max.
struct SelfConsistency {
  std::int64_t tiles = 0;
  std::int64_t violations = 0;
  std::string first;  ///< one line about the first violation
};
SelfConsistency check_self_consistency(const core::Problem& problem,
                                       const core::Thresholds* thresholds,
                                       std::span<const core::WorkItem> items,
                                       const core::KernelOutput& kernel);

enum class Outcome { kPass, kFail, kInconclusive };
std::string_view name_of(Outcome outcome) noexcept;

/// What is known of the run besides its numbers.
struct RunFacts {
  bool mask_reported = false;
  bool keep_all_requested = false;      ///< gating off, or all τ = -inf
  std::vector<std::string> faults;      ///< writes outside, unwritten rows
  std::string difference_between_runs;  ///< empty: none seen or not checked
  SelfConsistency self_consistency;
};

/// The verdict over all checked blocks.
struct Verdict {
  Outcome outcome = Outcome::kFail;
  /// Pass, or inconclusive where keep-all was asked for and something was judged.
  bool passed = false;
  std::vector<std::string> reasons;  ///< why it is not a pass, one line each, category first
  bool arithmetic_failed = false, gating_failed = false, contract_failed = false;
  bool gating_inferred = false;

  double arithmetic_ratio = 0.0;  ///< largest error over its bound, LSE included
  std::optional<core::WorkItem> worst_arithmetic;
  std::int64_t ties = 0, violations = 0, set_aside = 0, exempt_channels = 0, exempt_rows = 0;
  std::int64_t inconsistent_tiles = 0;  ///< whose code is not what the kernel's own tile_max says
  std::optional<core::WorkItem> worst_gating;
  double method_relative_l2 = 0.0;
  std::optional<core::WorkItem> worst_method;
  double retained_mass = 1.0, retained_mass_min = 1.0;  ///< mean over rows, minimum over rows
  double certificate = 0.0;
  TileCounts tiles;
  std::int64_t checked_blocks = 0;  ///< judged ones, so without those set aside
};

/// Combines what is known. Tiles and method figures are over all blocks given, also those set
/// aside, since they come from the reference alone; arithmetic is over the judged ones.
Verdict conclude(std::span<const BlockVerdict> blocks, const RunFacts& facts);

}  // namespace bsfa::analysis
