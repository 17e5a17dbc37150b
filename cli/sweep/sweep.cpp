// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep/sweep.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/compare/judge.h"
#include "cli/support/output.h"
#include "cli/support/progress.h"
#include "cli/support/self_calibration.h"
#include "cli/support/sha256.h"
#include "cli/support/threshold_choice.h"
#include "cli/sweep/kernel_times.h"
#include "io/attention_file.h"
#include "io/threshold_file.h"

namespace bsfa::cli {
namespace {

constexpr const char* kFooter =
    R"(The first row is the same kernel with gating off; speed-up is its time over the row's. Times are
medians over interleaved rounds without instrumentation. All k are calibrated in one pass over the
scores and judged together in another. Errors and verdict mean what they mean in compare.

Examples
  bsfa sweep --qkv sample.safetensors --k 8,16,32
  bsfa sweep --qkv qkv.safetensors --layer 4 --thresholds t.safetensors --json sweep.json
)";

core::ThresholdTable table_for(const SweepOptions& o, const kernels::Kernel& kernel,
                               const CalibrationInput& input, std::int64_t layer,
                               std::span<const core::WorkItem> items,
                               const core::RunControl& control) {
  if (!o.thresholds.empty()) return io::read_thresholds(o.thresholds);
  Progress progress("calibrating");
  return self_calibrate(input, layer, sorted_k_values(o.k_values), items,
                        score_device_beside(kernel), progress.watch(control));
}

/// The gate's settings, ascending in k, in front of them gating off.
std::vector<ChosenThresholds> settings_for(const SweepOptions& o, const kernels::Kernel& kernel,
                                           const CalibrationInput& input, std::int64_t layer,
                                           std::span<const core::WorkItem> items,
                                           const core::RunControl& control) {
  const auto table = table_for(o, kernel, input, layer, items, control);
  const auto wanted = sorted_k_values(o.k_values.empty() ? table.k_values : o.k_values);
  std::vector<ChosenThresholds> settings(1);
  for (const std::int64_t k : wanted) {
    auto values = table.select(k_position(table, k, o.thresholds),
                               layer_position(table, layer, o.thresholds));
    require_fit(values, input.problem, o.thresholds);
    settings.push_back({std::move(values), o.thresholds, k, o.thresholds.empty()});
  }
  return settings;
}

std::vector<OutputUnderTest> run_all(const SweepOptions& o, kernels::Runner& runner,
                                     const CalibrationInput& input,
                                     const std::vector<ChosenThresholds>& settings,
                                     std::span<const core::WorkItem> items, bool sampled,
                                     const core::RunControl& control) {
  std::vector<OutputUnderTest> outputs;
  for (const ChosenThresholds& setting : settings) {
    const std::string what =
        setting.k ? fmt::format("running k {}", *setting.k) : "running, gate off";
    Progress progress(what);
    KernelRun run;
    run.problem = input.problem;
    run.inputs = input.inputs;
    run.thresholds = setting.get();
    run.items = items;
    run.sampled = sampled;
    run.repeat = o.repeat.choice();
    outputs.push_back(run_kernel(runner, run, progress.watch(control)));
  }
  return outputs;
}

/// Kernel times worth comparing: the runs that were judged are one each, in ascending k.
KernelTimes time_settings(kernels::Runner& runner, const CalibrationInput& input,
                          const std::vector<ChosenThresholds>& settings,
                          std::span<const core::WorkItem> items, const OutputUnderTest& judged,
                          const core::RunControl& control) {
  constexpr double kBudgetMs = 10e3;
  std::vector<kernels::RunRequest> requests;
  for (const ChosenThresholds& setting : settings) {
    kernels::RunRequest request;
    request.problem = input.problem;
    request.inputs = input.inputs;
    request.thresholds = setting.get();
    if (!judged.whole_problem) request.items = items;
    requests.push_back(request);
  }
  Progress progress("timing the kernel");
  return time_interleaved(runner, std::move(requests), kBudgetMs, progress.watch(control));
}

SweepLayer sweep_layer(const SweepOptions& o, const kernels::Kernel& kernel,
                       const io::AttentionFile& file, std::int64_t layer,
                       const core::RunControl& control) {
  const auto loaded = file.load(layer, attention_options(o.input));
  const CalibrationInput input{loaded.problem, loaded.inputs, o.qkv};
  const auto items = select_items(loaded.problem, o.sample);
  SweepLayer result{layer,
                    loaded.problem,
                    static_cast<std::int64_t>(items.size()),
                    static_cast<std::int64_t>(core::all_work_items(loaded.problem).size()),
                    0,
                    {}};
  const auto settings = settings_for(o, kernel, input, layer, items, control);
  kernels::Runner runner(kernel);
  const auto outputs =
      run_all(o, runner, input, settings, items, result.checked < result.of, control);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    candidates.push_back({settings[i].get(), outputs[i].view});
  }
  const auto times = time_settings(runner, input, settings, items, outputs.front(), control);
  result.timing_rounds = times.rounds;
  Progress progress("checking");
  const auto verdicts =
      judge({loaded.problem, loaded.inputs}, items, candidates, progress.watch(control), {});
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto facts = facts_of(outputs[i], settings[i], loaded.problem, items);
    result.rows.push_back({settings[i].k, analysis::conclude(verdicts[i], facts), outputs[i].label,
                           times.median_ms[i], times.mad_ms[i]});
  }
  return result;
}

void check_options(const SweepOptions& o) {
  if (o.k_values.empty() && o.thresholds.empty()) {
    throw core::UsageError("--k or --thresholds is needed: which k are to be swept?");
  }
  if (!o.k_values.empty()) sorted_k_values(o.k_values);
  if (o.json.empty()) return;
  require_distinct(o.json, o.qkv);
  if (!o.thresholds.empty()) require_distinct(o.json, o.thresholds);
}

bool all_passed(const std::vector<SweepLayer>& layers) {
  return std::all_of(layers.begin(), layers.end(), [](const SweepLayer& layer) {
    return std::all_of(layer.rows.begin(), layer.rows.end(),
                       [](const SweepRow& row) { return row.verdict.passed; });
  });
}

}  // namespace

core::ExitCode run_sweep(const SweepOptions& o, const Session& session) {
  check_options(o);
  const core::RunControl control = session.control(o.input.threads);
  const auto kernel = kernels::find_kernel(o.kernel);
  kernels::require_runnable(kernel);
  const auto file = io::AttentionFile::open(o.qkv);
  const auto numbers = select_layers(file, o.input.layer);
  std::optional<TextOutput> json;
  if (!o.json.empty()) json.emplace(o.json);
  std::vector<SweepLayer> layers;
  layers.reserve(numbers.size());
  for (const std::int64_t layer : numbers) {
    layers.push_back(sweep_layer(o, kernel, file, layer, control));
  }
  if (json) {
    Progress progress("hashing the input");
    json->finish(sweep_json(o, layers, session.command_line,
                            sha256_of_file(o.qkv, progress.watch(control))));
  }
  if (o.json != "-") write_stdout(sweep_text(o, layers));
  return all_passed(layers) ? core::ExitCode::kPassed : core::ExitCode::kVerdict;
}

void add_sweep(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<SweepOptions>();
  auto* command =
      app.add_subcommand("sweep", "Density, mass, errors and time against k, all k together");
  command->add_option("--qkv", options->qkv, "Q, K and V: safetensors, npz")
      ->type_name("FILE")
      ->required();
  command->add_option("--k", options->k_values, "tiles to keep in each Q block, as 8,16,32")
      ->delimiter(',')
      ->type_name("K");
  command
      ->add_option("--thresholds", options->thresholds,
                   "table whose k values are swept (default: calibrate on this very input)")
      ->type_name("FILE");
  add_input_options(*command, options->input);
  command->add_option("--kernel", options->kernel, kKernelHelp)->capture_default_str();
  add_sample_options(*command, options->sample);
  add_repeat_options(*command, options->repeat);
  command->add_option("--json", options->json, "write the table as JSON; - is standard output")
      ->type_name("FILE|-");
  command->footer(kFooter);
  on_chosen(command, commands, options, run_sweep);
}

}  // namespace bsfa::cli
