// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/calibrate/held_out.h"
#include "cli/calibrate/partial_file.h"
#include "cli/commands.h"
#include "cli/support/format.h"
#include "cli/support/input_options.h"
#include "cli/support/output.h"
#include "cli/support/progress.h"
#include "cli/support/self_calibration.h"
#include "cli/support/table.h"
#include "io/attention_file.h"
#include "io/threshold_file.h"

namespace bsfa::cli {
namespace {

using analysis::Calibration;

struct CalibrateOptions {
  std::vector<std::string> qkv;
  std::vector<std::int64_t> k_values;
  InputOptions input;
  std::string aggregation = "mean";
  std::string out, partial, held_out;
  std::string device = "cpu";
  std::vector<std::string> merge;
};

constexpr const char* kFooter =
    R"(A threshold lies midway between the k-th and the (k+1)-th largest tile maximum of a Q block,
averaged over the samples: files, and the batch entries in them. Partial last Q blocks do not count.
All k come from one pass over the scores, which --device cuda computes some heads at a time, so that
long inputs take seconds and a bounded part of the GPU's memory.

Examples
  bsfa calibrate --qkv a.safetensors b.safetensors --k 8,16,32 --out t.safetensors
  bsfa calibrate --qkv a.safetensors --k 16 --out t.safetensors --held-out b.safetensors
  bsfa calibrate --qkv long.safetensors --layer all --k 64 --out t.safetensors --device cuda
  bsfa calibrate --qkv a.safetensors --k 16 --partial a.part       (on one machine)
  bsfa calibrate --merge a.part b.part --out t.safetensors         (on another)
)";

void check_options(const CalibrateOptions& o) {
  if (o.qkv.empty() && o.merge.empty()) throw core::UsageError("--qkv or --merge is needed");
  if (o.out.empty() && o.partial.empty()) throw core::UsageError("--out or --partial is needed");
  if (!o.qkv.empty()) sorted_k_values(o.k_values);
  if (o.qkv.empty() && o.held_out.empty() && o.device != "cpu") {
    throw core::UsageError("--device goes with --qkv or --held-out: merging computes no scores");
  }
  if (o.qkv.empty() && !o.k_values.empty()) {
    throw core::UsageError("--k goes with --qkv: merged parts bring their own k values");
  }
  auto inputs = o.qkv;
  std::sort(inputs.begin(), inputs.end());
  const auto twice = std::adjacent_find(inputs.begin(), inputs.end());
  if (twice != inputs.end()) throw core::UsageError("--qkv: " + *twice + " is given twice");
  inputs.insert(inputs.end(), o.merge.begin(), o.merge.end());
  inputs.push_back(o.held_out);
  for (const auto& input : inputs) {
    for (const auto& output : {o.out, o.partial}) {
      if (!input.empty() && !output.empty()) require_distinct(output, input);
    }
  }
}

Calibration empty_calibration(const CalibrateOptions& o, const std::vector<std::int64_t>& layers,
                              const core::Problem& problem) {
  const auto aggregation =
      o.aggregation == "mean" ? core::Aggregation::kMean : core::Aggregation::kMedian;
  return {sorted_k_values(o.k_values), layers, problem.heads, problem.gate, aggregation};
}

void require_heads(const std::string& path, const core::Problem& problem,
                   const Calibration& calibration) {
  if (problem.heads == calibration.heads()) return;
  throw core::InputError(path, fmt::format("has {} query heads where the first input has {}",
                                           problem.heads, calibration.heads()));
}

/// Adds one file, every chosen layer; the first file decides what is calibrated.
void add_file(std::optional<Calibration>& calibration, const CalibrateOptions& o,
              const std::string& path, const ScoreDevice& device, const core::RunControl& control) {
  const auto file = io::AttentionFile::open(path);
  const auto layers = calibration ? calibration->layers() : select_layers(file, o.input.layer);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto loaded = file.load(layers[i], attention_options(o.input));
    if (!calibration) calibration = empty_calibration(o, layers, loaded.problem);
    require_heads(path, loaded.problem, *calibration);
    const CalibrationInput input{loaded.problem, loaded.inputs, path};
    Progress progress(
        fmt::format("{}, layer {}", std::filesystem::path(path).filename().string(), layers[i]));
    add_to_calibration(*calibration, i, input, core::all_work_items(loaded.problem), device,
                       progress.watch(control));
    names = sample_names(input);
  }
  for (const auto& name : names) calibration->add_sample_name(name);
}

void merge_file(std::optional<Calibration>& calibration, const std::string& path) {
  Calibration part = read_partial(path);
  if (!calibration) {
    calibration = std::move(part);
    return;
  }
  try {
    calibration->merge(part);
  } catch (const core::InvalidProblem& error) {
    throw core::InputError(path, error.what());
  }
}

std::string summary(const Calibration& c) {
  return fields(
      {{"calibrated", fmt::format("{} of {} sample{}",
                                  c.aggregation() == core::Aggregation::kMean ? "mean" : "median",
                                  c.samples().size(), c.samples().size() == 1 ? "" : "s")},
       {"k", fmt::format("{}", fmt::join(c.k_values(), ", "))},
       {"layers", fmt::format("{}", fmt::join(c.layers(), ", "))},
       {"shape",
        fmt::format("{} heads, {} Q blocks, gate {}", c.heads(), c.blocks(), describe(c.gate()))}},
      "");
}

std::string held_out_report(const CalibrateOptions& o, const core::ThresholdTable& table,
                            const ScoreDevice& device, const core::RunControl& control) {
  const auto file = io::AttentionFile::open(o.held_out);
  Table report({"layer", "k", "predicted\ndensity", "measured\ndensity", "measured\n/ predicted"});
  for (std::size_t i = 0; i < table.layers.size(); ++i) {
    const auto loaded = file.load(table.layers[i], attention_options(o.input));
    Progress progress(fmt::format("held out, layer {}", table.layers[i]));
    for (const auto& row : held_out_density(table, i, {loaded.problem, loaded.inputs, o.held_out},
                                            device, progress.watch(control))) {
      const bool comparable = row.predicted && row.measured && *row.predicted > 0.0;
      report.add({std::to_string(row.layer), std::to_string(row.k), percent(row.predicted),
                  percent(row.measured),
                  comparable ? fmt::format("{:.3f}", *row.measured / *row.predicted) : "-"});
    }
  }
  return fmt::format("\nheld out    {}\n\n{}", o.held_out, report.text(""));
}

core::ExitCode run_calibrate(const CalibrateOptions& o, const Session& session) {
  check_options(o);
  for (const auto& output : {o.out, o.partial}) {
    if (!output.empty()) require_writable(output);
  }
  const core::RunControl control = session.control(o.input.threads);
  const ScoreDevice device = o.device == "cuda" ? score_device() : nullptr;
  std::optional<Calibration> calibration;
  for (const auto& path : o.qkv) add_file(calibration, o, path, device, control);
  for (const auto& path : o.merge) merge_file(calibration, path);
  const auto table = calibration->finish();
  std::string text = summary(*calibration);
  if (!o.held_out.empty()) text += held_out_report(o, table, device, control);
  control.throw_if_cancelled();
  if (!o.partial.empty()) write_partial(o.partial, *calibration);
  if (!o.out.empty()) io::write_thresholds(o.out, table);
  write_stdout(text);
  return core::ExitCode::kPassed;
}

}  // namespace

void add_calibrate(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<CalibrateOptions>();
  auto* command =
      app.add_subcommand("calibrate", "Make a threshold table from samples of Q, K and V");
  command->add_option("--qkv", options->qkv, "samples: safetensors, npz")->type_name("FILE");
  command->add_option("--k", options->k_values, "tiles to keep in each Q block, as 8,16,32")
      ->delimiter(',')
      ->type_name("K");
  add_input_options(*command, options->input);
  command
      ->add_option("--device", options->device,
                   "what computes scores: cpu, exactly; cuda, the first GPU, in fp32")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  command->add_option("--aggregation", options->aggregation, "over the samples")
      ->check(CLI::IsMember({"mean", "median"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "write the table (safetensors)")->type_name("FILE");
  command
      ->add_option("--partial", options->partial, "write the unfinished calibration, for --merge")
      ->type_name("FILE");
  command->add_option("--merge", options->merge, "unfinished calibrations to put together")
      ->type_name("FILE");
  command
      ->add_option("--held-out", options->held_out,
                   "compare predicted and measured density on this input")
      ->type_name("FILE");
  command->footer(kFooter);
  on_chosen(command, commands, options, run_calibrate);
}

}  // namespace bsfa::cli
