// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/block.h"
#include "core/problem.h"
#include "core/run_control.h"
#include "core/tensor.h"
#include "core/thresholds.h"

namespace bsfa::reference {

/// The specification as code: attention of one Q block at a time, in double, from exact inputs.
///
/// Shapes   as core::Problem; nothing of size M x N is ever held: memory is O(N·D) per worker.
/// Units    natural score units; LSE natural logarithm.
/// Threads  const and safe to call from many threads; the inputs must outlive it.
/// Source   arXiv 2512.07011; the rules are those of docs/method.md.
class Attention {
 public:
  /// A scale of 0 stands for 1/sqrt(D).
  ///
  /// Errors  throws core::InvalidProblem where the problem breaks a limit, or a tensor is missing,
  ///         of another dtype or shape, or not contiguous in D.
  Attention(const core::Problem& problem, const core::AttentionInputs& inputs);

  /// Scores only: QK^T, no V. `with_mass` false leaves tile_mass, tile_mass_max and dense_lse
  /// empty. A row with a NaN or +inf score has no dense softmax: its masses are NaN, and so are the
  /// means over its block; a row whose scores are all -inf has masses of 0.
  ///
  /// Errors  throws core::InvalidProblem for an item that is not the problem's.
  core::BlockStatistics statistics(const core::WorkItem& item, bool with_mass = true) const;

  /// Dense attention and attention under each mask ([Kb] codes; outside tiles are always excluded),
  /// the scores computed once for all. `with_low` adds the naive low-precision output to each mask
  /// (not to dense). Retained mass is exactly 1 where everything takes part.
  ///
  /// Errors  throws core::InvalidProblem for an item or a mask that is not the problem's.
  core::BlockEvaluation evaluate(const core::WorkItem& item,
                                 std::span<const std::vector<core::TileCode>> masks,
                                 bool with_low) const;

  const core::Problem& problem() const noexcept { return problem_; }

 private:
  core::Problem problem_;
  core::AttentionInputs inputs_;
};

/// The mask that the rules give these statistics under `thresholds` (nullptr: nothing is skipped).
std::vector<core::TileCode> gate(const core::Problem& problem,
                                 const core::BlockStatistics& statistics,
                                 const core::Thresholds* thresholds);

/// Calls `visit(i, items[i])` for every item on control.threads workers, costliest first.
///
/// Errors  the first exception thrown by visit is rethrown; core::Interrupted on cancel.
void for_each_item(const core::Problem& problem, std::span<const core::WorkItem> items,
                   const core::RunControl& control,
                   const std::function<void(std::size_t, const core::WorkItem&)>& visit);

}  // namespace bsfa::reference
