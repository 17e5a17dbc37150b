// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/verdict.h"
#include "cli/compare/output_under_test.h"
#include "cli/support/input_options.h"
#include "cli/support/session.h"

namespace bsfa::cli {

struct SweepOptions {
  std::string qkv;
  InputOptions input;
  std::vector<std::int64_t> k_values;
  std::string thresholds;  ///< "": calibrate on this very input
  std::string kernel = "cpu";
  SampleOptions sample;
  RepeatOptions repeat;
  std::string json;
};

/// One setting of the gate on one layer; without k: gating off.
struct SweepRow {
  std::optional<std::int64_t> k;
  analysis::Verdict verdict;
  OutputLabel output;
  double kernel_ms = 0.0, kernel_mad_ms = 0.0;  ///< median over the layer's timing rounds
};

struct SweepLayer {
  std::int64_t layer = 0;
  core::Problem problem;
  std::int64_t checked = 0, of = 0;
  int timing_rounds = 0;
  std::vector<SweepRow> rows;  ///< the first is gating off
};

core::ExitCode run_sweep(const SweepOptions& options, const Session& session);

std::string sweep_text(const SweepOptions& options, const std::vector<SweepLayer>& layers);
std::string sweep_json(const SweepOptions& options, const std::vector<SweepLayer>& layers,
                       const std::string& command_line, const std::string& sha256);

}  // namespace bsfa::cli
