// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/bench.h"

#include <memory>
#include <utility>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/support/output.h"
#include "cli/support/progress.h"
#include "cli/support/sha256.h"
#include "cli/support/stopwatch.h"
#include "kernels/host/run.h"

namespace bsfa::cli {
namespace {

constexpr int kWarmUps = 2;

constexpr const char* kFooter =
    R"(Variants are every kernel at every level with every setting of the gate. A round times each of them
once, in an order drawn from --seed; rounds are added until the median absolute deviation of every
variant is at most --spread of its median, or a limit is reached. TFLOP/s are those of dense
attention in that time, so that skipping raises them. bench does not check results: compare does.

Examples
  bsfa bench --generate structured -H 8 -N 4096 -D 128 --density 100,50,25,12.5,0 --dense
  bsfa bench --kernel portable --kernel ./mine.so --qkv qkv.safetensors --topk 16 --json bench.json
  bsfa bench --kernel portable --qkv qkv.safetensors --density 50 --levels none,mask,work,warps

Exit codes: 0 timed, 2 usage, 3 input, 4 device or memory, 5 output or plug-in, 130 interrupted.
)";

void check_options(const BenchOptions& o) {
  require_one_source(o.source, o.input);
  check_settings(o.settings);
  if (o.rule.max_seconds < o.rule.min_seconds) {
    throw core::UsageError("--max-time is less than --min-time");
  }
  if (o.rule.max_rounds < o.rule.min_rounds) {
    throw core::UsageError("--max-rounds is less than --min-rounds");
  }
  if (o.json.empty()) return;
  if (!o.source.qkv.empty()) require_distinct(o.json, o.source.qkv);
  if (!o.settings.file.empty()) require_distinct(o.json, o.settings.file);
}

std::vector<kernels::Kernel> find_kernels(const std::vector<std::string>& names) {
  std::vector<kernels::Kernel> kernels;
  for (const std::string& name : names) {
    kernels.push_back(kernels::find_kernel(name));
    kernels::require_runnable(kernels.back());
  }
  return kernels;
}

void warm_up(std::vector<Variant>& variants) {
  Progress progress("warming up");
  for (int time = 0; time < kWarmUps; ++time) {
    for (Variant& variant : variants) variant.run->time();
  }
}

analysis::InterleavedTimes measure(const BenchOptions& o, std::vector<Variant>& variants,
                                   GpuWatch* watch) {
  Progress progress("timing");
  const Stopwatch stopwatch;
  const auto finished = [&](std::size_t round) {
    if (watch != nullptr) watch->between_rounds();
    progress.update(static_cast<std::int64_t>(round), o.rule.max_rounds);
  };
  return analysis::measure_interleaved(variants.size(), o.rule, o.source.shape.seed,
                                       {[&](std::size_t i) { return variants[i].run->time(); },
                                        [&] { return stopwatch.total(); }, finished});
}

void add_rows(BenchResult& result, const std::vector<Variant>& variants,
              const std::vector<GateSetting>& settings, analysis::InterleavedTimes measured) {
  result.stopped = measured.reason;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Variant& from = variants[i];
    BenchRow row{from.kernel,        settings[from.setting],       from.level,
                 from.kept_measured, std::move(measured.times[i]), {}};
    row.setting.thresholds.reset();
    row.summary_ms = analysis::summarize(row.times_ms);
    result.rows.push_back(std::move(row));
  }
}

BenchResult bench(const BenchOptions& o, const std::vector<kernels::Kernel>& kernels,
                  const core::RunControl& control) {
  std::vector<bsfa_instrumentation> levels;
  for (const std::string& level : o.levels) levels.push_back(level_of(level));
  const SourceProblem input = load_problem(o.source, o.input);
  control.throw_if_cancelled();
  Stages stages(input.problem, input.inputs, control);
  const auto settings = make_settings(o.settings, input.problem, input.layer,
                                      [&] { return tile_max_of(stages, kernels); });
  auto variants = make_variants(stages, kernels, settings.list, levels);
  BenchResult result;
  result.problem = input.problem;
  result.input = input.name;
  result.thresholds = settings.source;
  std::optional<GpuWatch> watch;
  if (const kernels::Memory* device = stages.device()) {
    result.gpu = device->gpu();
    result.driver = device->driver();
    result.flush_bytes = kernels::TimedProblem::kFlushFactor * device->cache_bytes();
    watch.emplace(device->pci_bus_id());
  }
  warm_up(variants.list);
  const Stopwatch stopwatch;
  auto measured = measure(o, variants.list, watch ? &*watch : nullptr);
  result.seconds = stopwatch.total();
  if (watch) result.state = watch->finish();
  result.unsupported = std::move(variants.unsupported);
  add_rows(result, variants.list, settings.list, std::move(measured));
  return result;
}

}  // namespace

core::ExitCode run_bench(const BenchOptions& o, const Session& session) {
  check_options(o);
  const core::RunControl control = session.control(o.input.threads);
  const auto kernels = find_kernels(o.kernels);
  std::optional<TextOutput> json;
  if (!o.json.empty()) json.emplace(o.json);
  const BenchResult result = bench(o, kernels, control);
  if (json) {
    std::string sha256;
    if (!o.source.qkv.empty()) {
      Progress progress("hashing the input");
      sha256 = sha256_of_file(o.source.qkv, progress.watch(control));
    }
    json->finish(bench_json(o, result, session.command_line, sha256));
  }
  if (o.json != "-") write_stdout(bench_text(o, result));
  return core::ExitCode::kPassed;
}

namespace {

void add_rule_options(CLI::App& command, analysis::StoppingRule& rule) {
  const std::string group = "Rounds";
  command.add_option("--min-rounds", rule.min_rounds, "a small spread stops no earlier")
      ->check(CLI::Range(1, 1000000).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--max-rounds", rule.max_rounds, "the most rounds")
      ->check(CLI::Range(1, 1000000).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--min-time", rule.min_seconds, "seconds; a small spread stops no earlier")
      ->type_name("S")
      ->check(CLI::Range(0.0, 86400.0).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--max-time", rule.max_seconds, "seconds after which no round begins")
      ->type_name("S")
      ->check(CLI::Range(0.0, 86400.0).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--spread", rule.spread, "deviation over median that is small enough")
      ->type_name("X")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void add_bench(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<BenchOptions>();
  auto* command = app.add_subcommand("bench", "How fast are kernels, beside one another?");
  command
      ->add_option("--kernel", options->kernels,
                   "cpu, portable, cuda, auto or PATH.so[:NAME]; repeatable (default: auto)")
      ->type_name("KERNEL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_source_options(*command, options->source, options->input);
  add_setting_options(*command, options->settings);
  command->add_option("--levels", options->levels, "of none, mask, work, warps (default: none)")
      ->delimiter(',')
      ->type_name("LEVEL");
  add_rule_options(*command, options->rule);
  command->add_option("--json", options->json, "write the result as JSON; - is standard output")
      ->type_name("FILE|-");
  command->footer(kFooter);
  on_chosen(command, commands, options, run_bench);
}

}  // namespace bsfa::cli
