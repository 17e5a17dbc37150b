// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "cli/compare/judge.h"
#include "core/problem.h"
#include "core/thresholds.h"
#include "core/work.h"
#include "traces/trace.h"

namespace bsfa::cli {

/// Gathers one layer's judged Q blocks into the arrays of a trace, one sequence a batch entry.
///
/// Threads  record() may be called from many threads, for different Q blocks.
class TraceRows {
 public:
  TraceRows(const core::Problem& problem, std::span<const core::WorkItem> items,
            const core::Thresholds* thresholds, bool mask_reported);

  void record(const JudgedBlock& block);
  /// Adds the work records and hands out the sequences, by batch entry; those without any checked
  /// Q block are left out.
  std::map<std::int64_t, traces::Sequence> finish(std::vector<core::WorkRecord> records);

 private:
  core::Problem problem_;
  const core::Thresholds* thresholds_;
  std::map<std::int64_t, traces::Sequence> sequences_;
};

}  // namespace bsfa::cli
