// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/compare.h"

#include <memory>

#include "cli/commands.h"
#include "cli/compare/compare_layer.h"
#include "cli/compare/report.h"
#include "cli/support/output.h"
#include "cli/support/progress.h"
#include "cli/support/provenance.h"
#include "cli/support/sha256.h"
#include "cli/support/stopwatch.h"
#include "traces/writer.h"

namespace bsfa::cli {
namespace {

constexpr const char* kFooter = R"(The report names three errors apart:
  arithmetic  largest error of O or LSE over its bound, under the kernel's own mask; above 1 fails
  gating      tiles decided otherwise than the reference: ties are within rounding, violations fail
  method      relative L2 distance of gated from dense attention: what skipping costs, never a fault

Examples
  bsfa compare --qkv sample.safetensors --topk 16
  bsfa compare --qkv qkv.safetensors --layer 4 --thresholds t.safetensors --k 16 --kernel ./mine.so
  bsfa compare --qkv qkv.safetensors --topk 32 --output o.safetensors --sample 64 --out t.h5 --json -

Exit codes: 0 passed, 1 fail or inconclusive, 2 usage, 3 input, 4 device or memory, 5 output or
plug-in, 130 interrupted.
)";

void check_options(const CompareOptions& o) {
  require_one_source(o.thresholds);
  for (const auto& target : {o.trace, o.json}) {
    for (const auto& input : {o.qkv, o.output, o.thresholds.file}) {
      if (!target.empty() && !input.empty()) require_distinct(target, input);
    }
  }
  if (o.json != "-" && !o.json.empty() && o.json == o.trace) {
    throw core::UsageError("--out and --json name the same file");
  }
}

CompareContext make_context(const CompareOptions& o, const core::RunControl& control) {
  CompareContext context{o, control, io::AttentionFile::open(o.qkv), std::nullopt, nullptr};
  if (o.output.empty()) {
    context.kernel = kernels::find_kernel(o.kernel);
    kernels::require_runnable(*context.kernel);
  } else {
    context.saved = io::open_tensor_file(o.output);
  }
  return context;
}

std::vector<LayerResult> compare_layers(const CompareContext& context,
                                        const std::vector<std::int64_t>& layers,
                                        traces::TraceWriter* writer) {
  std::vector<LayerResult> results;
  for (const std::int64_t layer : layers) {
    Sequences sequences;
    results.push_back(compare_layer(context, layer, writer != nullptr ? &sequences : nullptr));
    for (const auto& [batch, sequence] : sequences) writer->add(layer, batch, sequence);
  }
  return results;
}

traces::Provenance provenance_of(const CompareOptions& o, const Session& session,
                                 const std::vector<LayerResult>& layers, const Overall& overall,
                                 const core::RunControl& control) {
  auto provenance = new_provenance(session.command_line);
  const LayerResult& first = layers.front();
  provenance.input_file = o.qkv;
  Progress progress("hashing the input");
  provenance.input_sha256 = sha256_of_file(o.qkv, progress.watch(control));
  provenance.kernel = first.output.name + " (" + first.output.origin + ")";
  provenance.gpu = first.output.gpu;
  provenance.driver = first.output.driver;
  provenance.thresholds = first.thresholds;
  provenance.verdict = analysis::name_of(overall.verdict.outcome);
  return provenance;
}

}  // namespace

core::ExitCode run_compare(const CompareOptions& o, const Session& session) {
  const Stopwatch watch;
  check_options(o);
  const core::RunControl control = session.control(o.input.threads);
  const CompareContext context = make_context(o, control);
  const auto layer_numbers = select_layers(*context.input, o.input.layer);
  std::optional<TextOutput> json;
  if (!o.json.empty()) json.emplace(o.json);
  std::unique_ptr<traces::TraceWriter> writer;
  if (!o.trace.empty()) writer = std::make_unique<traces::TraceWriter>(o.trace);

  const auto layers = compare_layers(context, layer_numbers, writer.get());
  const Overall overall = overall_of(layers);
  if (json || writer) {
    const auto provenance = provenance_of(o, session, layers, overall, control);
    const std::string report = dump(json_report(layers, overall, provenance, watch.total()));
    control.throw_if_cancelled();
    if (writer) writer->commit(provenance, {report});
    if (json) json->finish(report);
  }
  if (o.json != "-") write_stdout(text_report(layers, overall, o.qkv, watch.total()));
  return overall.verdict.passed ? core::ExitCode::kPassed : core::ExitCode::kVerdict;
}

void add_compare(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<CompareOptions>();
  auto* command =
      app.add_subcommand("compare", "Is a kernel right, and what does skipping tiles cost?");
  command->add_option("--qkv", options->qkv, "Q, K and V: safetensors, npz")
      ->type_name("FILE")
      ->required();
  add_input_options(*command, options->input);
  add_threshold_options(*command, options->thresholds);
  auto* kernel =
      command->add_option("--kernel", options->kernel, kKernelHelp)->capture_default_str();
  command
      ->add_option("--output", options->output,
                   "judge this saved output: o, optional lse, mask, tile_max")
      ->type_name("FILE")
      ->excludes(kernel);
  add_sample_options(*command, options->sample);
  add_q_block_option(*command, options->sample);
  add_repeat_options(*command, options->repeat);
  command->add_option("--out", options->trace, "write a trace (HDF5)")->type_name("FILE");
  command->add_option("--json", options->json, "write the report as JSON; - is standard output")
      ->type_name("FILE|-");
  command->footer(kFooter);
  on_chosen(command, commands, options, run_compare);
}

}  // namespace bsfa::cli
