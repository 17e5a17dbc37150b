// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/layer_result.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include <fmt/format.h>

namespace bsfa::cli {
namespace {

using analysis::BlockVerdict;

bool same_head(const BlockVerdict& a, const BlockVerdict& b) {
  return a.item.batch == b.item.batch && a.item.head == b.item.head;
}

/// NaN counts as worse than any number.
bool worse(double a, double b) {
  if (std::isnan(b)) return false;
  return std::isnan(a) || a > b;
}

const BlockVerdict* find_block(const LayerResult& layer,
                               const std::optional<core::WorkItem>& item) {
  if (!item) return nullptr;
  const auto at = std::find_if(layer.blocks.begin(), layer.blocks.end(),
                               [&](const BlockVerdict& block) { return block.item == *item; });
  return at == layer.blocks.end() ? nullptr : &*at;
}

double gating_badness(const BlockVerdict& block) {
  const auto& g = block.gating;
  return g.violations > 0 ? 1e18 + static_cast<double>(g.violations) : g.tile_max_ratio;
}

double method_badness(const BlockVerdict& block) {
  return block.method.relative_l2();
}

/// The worst of the layers' worst blocks.
std::optional<Place> worst(const std::vector<LayerResult>& layers,
                           std::optional<core::WorkItem> analysis::Verdict::*which,
                           double (*badness)(const BlockVerdict&)) {
  std::optional<Place> found;
  for (const LayerResult& layer : layers) {
    const BlockVerdict* block = find_block(layer, layer.verdict.*which);
    if (block == nullptr) continue;
    if (!found || worse(badness(*block), badness(*found->block))) found = Place{&layer, block};
  }
  return found;
}

int severity(analysis::Outcome outcome) {
  if (outcome == analysis::Outcome::kFail) return 2;
  return outcome == analysis::Outcome::kInconclusive ? 1 : 0;
}

/// Outcome and reasons of the layers, into a verdict whose numbers are pooled.
void take_outcome(analysis::Verdict& pooled, const std::vector<LayerResult>& layers) {
  pooled.outcome = analysis::Outcome::kPass;
  pooled.passed = true;
  pooled.reasons.clear();
  pooled.arithmetic_failed = pooled.gating_failed = pooled.contract_failed = false;
  pooled.gating_inferred = false;
  for (const LayerResult& layer : layers) {
    const analysis::Verdict& v = layer.verdict;
    if (severity(v.outcome) > severity(pooled.outcome)) pooled.outcome = v.outcome;
    pooled.passed = pooled.passed && v.passed;
    for (const auto& reason : v.reasons) {
      pooled.reasons.push_back(fmt::format("layer {}: {}", layer.layer, reason));
    }
    pooled.arithmetic_failed |= v.arithmetic_failed;
    pooled.gating_failed |= v.gating_failed;
    pooled.contract_failed |= v.contract_failed;
    pooled.gating_inferred |= v.gating_inferred;
  }
}

/// What is known of the run as far as it concerns single heads.
analysis::RunFacts facts_for_heads(const LayerResult& layer) {
  analysis::RunFacts facts;
  facts.mask_reported = layer.facts.mask_reported;
  facts.keep_all_requested = layer.facts.keep_all_requested;
  return facts;
}

}  // namespace

double worst_ratio(const BlockVerdict& block) {
  const double o = block.arithmetic.ratio, lse = block.arithmetic.lse_ratio;
  return worse(o, lse) ? o : lse;
}

std::vector<HeadResult> heads_of(const LayerResult& layer) {
  const auto facts = facts_for_heads(layer);
  std::vector<HeadResult> heads;
  const std::span<const BlockVerdict> blocks(layer.blocks);
  for (std::size_t begin = 0; begin < blocks.size();) {
    std::size_t end = begin + 1;
    while (end < blocks.size() && same_head(blocks[begin], blocks[end])) ++end;
    heads.push_back({layer.layer, blocks[begin].item.batch, blocks[begin].item.head,
                     analysis::conclude(blocks.subspan(begin, end - begin), facts)});
    begin = end;
  }
  return heads;
}

std::vector<HeadResult> pooled_heads_of(const LayerResult& layer) {
  if (layer.problem.batch == 1) return heads_of(layer);
  const auto facts = facts_for_heads(layer);
  std::map<std::int64_t, std::vector<BlockVerdict>> by_head;
  for (const auto& block : layer.blocks) by_head[block.item.head].push_back(block);
  std::vector<HeadResult> heads;
  heads.reserve(by_head.size());
  for (const auto& [head, blocks] : by_head) {
    heads.push_back({layer.layer, 0, head, analysis::conclude(blocks, facts)});
  }
  return heads;
}

Overall overall_of(const std::vector<LayerResult>& layers) {
  Overall overall;
  if (layers.size() == 1) {
    overall.verdict = layers.front().verdict;
  } else {
    std::vector<BlockVerdict> all;
    for (const auto& layer : layers)
      all.insert(all.end(), layer.blocks.begin(), layer.blocks.end());
    overall.verdict = analysis::conclude(all, {});
    take_outcome(overall.verdict, layers);
  }
  overall.worst_arithmetic = worst(layers, &analysis::Verdict::worst_arithmetic, worst_ratio);
  overall.worst_gating = worst(layers, &analysis::Verdict::worst_gating, gating_badness);
  overall.worst_method = worst(layers, &analysis::Verdict::worst_method, method_badness);
  return overall;
}

}  // namespace bsfa::cli
