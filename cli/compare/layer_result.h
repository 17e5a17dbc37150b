// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/verdict.h"
#include "cli/compare/output_under_test.h"
#include "core/problem.h"
#include "core/work.h"

namespace bsfa::cli {

/// What was asked for as to sampling, and what came of it.
struct Sampling {
  bool sampled = false;
  std::int64_t checked = 0;
  std::int64_t of = 0;
  std::optional<std::uint64_t> seed;  ///< none: not drawn, but chosen or all
};

/// Wall clock of the parts of one comparison.
struct Timings {
  double calibration_s = 0.0;
  double kernel_s = 0.0;  ///< every run, harness included
  double check_s = 0.0;
};

/// One layer, judged.
struct LayerResult {
  std::int64_t layer = 0;
  core::Problem problem;
  bool input_rounded = false;
  std::string thresholds;
  std::optional<std::int64_t> k;
  bool self_calibrated = false;
  OutputLabel output;
  bool kernel_took_work_list = false;
  Sampling sampling;
  std::vector<analysis::BlockVerdict> blocks;  ///< ordered by batch, head, Q block
  analysis::RunFacts facts;
  analysis::Verdict verdict;
  Timings timings;
};

/// The larger of a block's two error ratios, of O and of LSE; NaN if either is.
double worst_ratio(const analysis::BlockVerdict& block);

/// One head of one batch entry, judged by its own Q blocks alone.
struct HeadResult {
  std::int64_t layer = 0, batch = 0, head = 0;
  analysis::Verdict verdict;
};
std::vector<HeadResult> heads_of(const LayerResult& layer);
/// The heads with their batch entries pooled.
std::vector<HeadResult> pooled_heads_of(const LayerResult& layer);

/// A Q block and the layer that it is in.
struct Place {
  const LayerResult* layer = nullptr;
  const analysis::BlockVerdict* block = nullptr;
};

/// The layers together: numbers are pooled over all blocks, the outcome is the worst layer's.
struct Overall {
  analysis::Verdict verdict;
  std::optional<Place> worst_arithmetic, worst_gating, worst_method;
};
Overall overall_of(const std::vector<LayerResult>& layers);

}  // namespace bsfa::cli
