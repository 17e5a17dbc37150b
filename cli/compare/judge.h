// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "analysis/verdict.h"
#include "core/block.h"
#include "core/run_control.h"
#include "core/thresholds.h"
#include "reference/attention.h"

namespace bsfa::cli {

/// One output and the thresholds it should have followed; nullptr: gating off.
struct Candidate {
  const core::Thresholds* thresholds = nullptr;
  core::KernelOutput output;
};

/// Everything known of a judged Q block, valid during the call only; masked[0] belongs to
/// `verdict`.
struct JudgedBlock {
  std::size_t candidate = 0;
  std::size_t index = 0;  ///< position in the items
  const core::BlockEvaluation& evaluation;
  const analysis::BlockVerdict& verdict;
};
using BlockSink = std::function<void(const JudgedBlock&)>;

/// Judges every candidate on every item: the scores of a Q block are computed once for all of them.
/// A candidate that reports no mask is judged under the reference's.
///
/// `sink` may be empty; it is called from many threads, once for each candidate and item. The
/// per-row and per-tile errors of a verdict are released after it returns.
///
/// Returns  verdicts[candidate][item].
/// Errors   core::Interrupted.
std::vector<std::vector<analysis::BlockVerdict>> judge(const reference::Attention& attention,
                                                       std::span<const core::WorkItem> items,
                                                       std::span<const Candidate> candidates,
                                                       const core::RunControl& control,
                                                       const BlockSink& sink);

}  // namespace bsfa::cli
