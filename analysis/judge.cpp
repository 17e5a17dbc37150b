// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "analysis/arithmetic.h"
#include "analysis/gating.h"
#include "analysis/method.h"
#include "core/error.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

void require_size(const char* name, std::size_t size, std::int64_t wanted) {
  if (size == static_cast<std::size_t>(wanted)) return;
  throw core::InvalidProblem(
      fmt::format("evaluation holds {} values of {}, but needs {}", size, name, wanted));
}

void check_output(const core::BlockOutput& output, std::int64_t rows, std::int64_t channels) {
  require_size("o", output.o.size(), rows * channels);
  require_size("lse", output.lse.size(), rows);
  require_size("exempt_channel", output.exempt_channel.size(), channels);
}

void check_evaluation(const core::Problem& problem, const core::BlockEvaluation& evaluation) {
  const core::TileGeometry geometry(problem);
  const core::BlockStatistics& statistics = evaluation.statistics;
  if (evaluation.masked.empty()) throw core::InvalidProblem("evaluation holds no masked output");
  const core::BlockOutput& masked = evaluation.masked.front();
  require_size("tile_max", statistics.tile_max.size(), geometry.k_blocks());
  require_size("beta", statistics.beta.size(), geometry.k_blocks());
  require_size("must_keep", statistics.must_keep.size(), geometry.k_blocks());
  require_size("mask", masked.mask.size(), geometry.k_blocks());
  require_size("low", masked.low.size(), statistics.rows * problem.head_dim);
  require_size("retained_mass", masked.retained_mass.size(), statistics.rows);
  check_output(masked, statistics.rows, problem.head_dim);
  check_output(evaluation.dense, statistics.rows, problem.head_dim);
}

void check_kernel_output(const core::Problem& problem, const core::KernelOutput& kernel) {
  const auto& s = kernel.o.shape;
  if (s[0] == problem.batch && s[1] == problem.heads && s[2] == problem.q_len &&
      s[3] == problem.head_dim) {
    return;
  }
  throw core::InvalidProblem(fmt::format("O is [{},{},{},{}], but the problem's is [{},{},{},{}]",
                                         s[0], s[1], s[2], s[3], problem.batch, problem.heads,
                                         problem.q_len, problem.head_dim));
}

/// A kernel may be judged only under the mask that it says it computed.
void check_judged_mask(const core::Problem& problem, const core::BlockEvaluation& evaluation,
                       const core::KernelOutput& kernel) {
  const core::TileGeometry geometry(problem);
  const core::WorkItem& item = evaluation.statistics.item;
  const std::vector<core::TileCode> own = judged_mask(problem, item, kernel);
  const std::vector<core::TileCode>& used = evaluation.masked.front().mask;
  for (std::int64_t n = 0; n < geometry.visible_k_blocks(item.q_block); ++n) {
    const auto at = static_cast<std::size_t>(n);
    if (core::takes_part(own[at]) == core::takes_part(used[at])) continue;
    throw core::InvalidProblem(
        fmt::format("evaluation of Q block {} is not under the kernel's own mask (K block {})",
                    item.q_block, n));
  }
}

}  // namespace

BlockVerdict judge_block(const core::Problem& problem, const core::Thresholds* thresholds,
                         const core::BlockEvaluation& evaluation,
                         const core::KernelOutput& kernel) {
  check_evaluation(problem, evaluation);
  check_kernel_output(problem, kernel);
  if (kernel.mask != nullptr) check_judged_mask(problem, evaluation, kernel);

  const core::BlockStatistics& statistics = evaluation.statistics;
  const core::BlockOutput& masked = evaluation.masked.front();
  BlockVerdict verdict;
  verdict.item = statistics.item;
  verdict.rows = statistics.rows;
  verdict.tiles = count_tiles(problem, statistics.item.q_block, masked.mask);
  verdict.gating = judge_gating(problem, thresholds, statistics, kernel);
  verdict.method = measure_method(problem, evaluation);
  verdict.skipped_beyond_ties = skipped_beyond_ties(problem, thresholds, statistics, masked.mask);
  verdict.set_aside =
      kernel.mask == nullptr && has_undecidable_tile(problem, thresholds, statistics);
  if (verdict.set_aside) return verdict;

  verdict.arithmetic = judge_arithmetic(problem, evaluation, kernel);
  verdict.distinguishes = outputs_differ(problem, evaluation, verdict.arithmetic.bound);
  return verdict;
}

}  // namespace bsfa::analysis
