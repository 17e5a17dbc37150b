// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/judge.h"

#include <optional>
#include <utility>

namespace bsfa::cli {
namespace {

using Mask = std::vector<core::TileCode>;

std::vector<Mask> masks_of(const reference::Attention& attention, const core::WorkItem& item,
                           std::span<const Candidate> candidates) {
  std::optional<core::BlockStatistics> statistics;
  std::vector<Mask> masks;
  for (const Candidate& candidate : candidates) {
    if (candidate.output.mask != nullptr) {
      masks.push_back(analysis::judged_mask(attention.problem(), item, candidate.output));
      continue;
    }
    if (!statistics) statistics = attention.statistics(item, false);
    masks.push_back(reference::gate(attention.problem(), *statistics, candidate.thresholds));
  }
  return masks;
}

void release_details(analysis::BlockVerdict& verdict) {
  std::vector<double>().swap(verdict.arithmetic.row_error);
  std::vector<float>().swap(verdict.gating.tile_error);
}

}  // namespace

std::vector<std::vector<analysis::BlockVerdict>> judge(const reference::Attention& attention,
                                                       std::span<const core::WorkItem> items,
                                                       std::span<const Candidate> candidates,
                                                       const core::RunControl& control,
                                                       const BlockSink& sink) {
  std::vector<std::vector<analysis::BlockVerdict>> verdicts(
      candidates.size(), std::vector<analysis::BlockVerdict>(items.size()));
  const auto visit = [&](std::size_t i, const core::WorkItem& item) {
    auto evaluation = attention.evaluate(item, masks_of(attention, item, candidates), true);
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      std::swap(evaluation.masked[0], evaluation.masked[c]);
      auto& verdict = verdicts[c][i];
      verdict = analysis::judge_block(attention.problem(), candidates[c].thresholds, evaluation,
                                      candidates[c].output);
      if (sink) sink({c, i, evaluation, verdict});
      release_details(verdict);
      std::swap(evaluation.masked[0], evaluation.masked[c]);
    }
  };
  reference::for_each_item(attention.problem(), items, control, visit);
  return verdicts;
}

}  // namespace bsfa::cli
