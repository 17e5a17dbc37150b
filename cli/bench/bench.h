// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/timing.h"
#include "cli/bench/gpu_watch.h"
#include "cli/bench/settings.h"
#include "cli/bench/variants.h"
#include "cli/support/input_options.h"
#include "cli/support/problem_source.h"
#include "cli/support/session.h"

namespace bsfa::cli {

struct BenchOptions {
  std::vector<std::string> kernels = {"auto"};
  SourceOptions source;
  InputOptions input;
  SettingOptions settings;
  std::vector<std::string> levels = {"none"};
  analysis::StoppingRule rule;
  std::string json;
};

/// One variant's place in the table.
struct BenchRow {
  kernels::Kernel kernel;
  GateSetting setting;  ///< without its thresholds
  bsfa_instrumentation level = BSFA_INSTRUMENT_NONE;
  std::optional<double> kept_measured;
  std::vector<double> times_ms;
  analysis::TimeSummary summary_ms;
};

struct BenchResult {
  core::Problem problem;
  std::string input;       ///< "qkv.safetensors, layer 4" or "structured, seed 0"
  std::string thresholds;  ///< where they come from
  std::vector<BenchRow> rows;
  std::vector<Unsupported> unsupported;
  analysis::Stopped stopped = analysis::Stopped::kRounds;
  double seconds = 0.0;     ///< that all rounds took
  std::string gpu, driver;  ///< empty where no kernel ran on one
  std::size_t flush_bytes = 0;
  std::optional<GpuState> state;
};

/// Times kernels on one problem, interleaved, and reports.
core::ExitCode run_bench(const BenchOptions& options, const Session& session);

std::string bench_text(const BenchOptions& options, const BenchResult& result);
std::string bench_json(const BenchOptions& options, const BenchResult& result,
                       const std::string& command_line, const std::string& sha256);

}  // namespace bsfa::cli
