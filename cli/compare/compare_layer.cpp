// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/compare_layer.h"

#include <utility>

#include <fmt/format.h>

#include "cli/compare/judge.h"
#include "cli/compare/trace_rows.h"
#include "cli/support/progress.h"
#include "cli/support/stopwatch.h"

namespace bsfa::cli {
namespace {

Sampling sampling_of(const core::Problem& problem, std::span<const core::WorkItem> items,
                     const SampleOptions& options) {
  const auto total = static_cast<std::int64_t>(core::all_work_items(problem).size());
  const auto checked = static_cast<std::int64_t>(items.size());
  const bool sampled = checked < total;
  const bool drawn = sampled && options.q_block.empty();
  return {sampled, checked, total, drawn ? std::optional(options.seed) : std::nullopt};
}

OutputUnderTest obtain_output(const CompareContext& context, std::int64_t layer,
                              const io::LoadedAttention& loaded, const core::Thresholds* thresholds,
                              std::span<const core::WorkItem> items, bool sampled) {
  if (context.saved) return saved_output(context.saved, layer, loaded.problem);
  Progress progress("running " + context.kernel->name());
  KernelRun run;
  run.problem = loaded.problem;
  run.inputs = loaded.inputs;
  run.thresholds = thresholds;
  run.items = items;
  run.sampled = sampled;
  run.want_records = !context.options.trace.empty();
  run.repeat = context.options.repeat.choice();
  kernels::Runner runner(*context.kernel);
  return run_kernel(runner, run, progress.watch(context.control));
}

void check(LayerResult& result, const CompareContext& context, const LoadedLayer& layer,
           OutputUnderTest output, Sequences* sequences) {
  const io::LoadedAttention& loaded = layer.attention;
  const core::Thresholds* thresholds = layer.thresholds.get();
  std::optional<TraceRows> rows;
  BlockSink sink;
  if (sequences != nullptr) {
    rows.emplace(loaded.problem, layer.items, thresholds, output.view.mask != nullptr);
    sink = [&rows](const JudgedBlock& block) { rows->record(block); };
  }
  const reference::Attention attention(loaded.problem, loaded.inputs);
  const Candidate candidate{thresholds, output.view};
  Progress progress("checking");
  result.blocks = std::move(
      judge(attention, layer.items, {&candidate, 1}, progress.watch(context.control), sink)
          .front());
  if (rows) *sequences = rows->finish(std::move(output.records));
}

}  // namespace

LayerResult compare_loaded(const CompareContext& context, const LoadedLayer& layer,
                           Sequences* sequences) {
  const io::LoadedAttention& loaded = layer.attention;
  LayerResult result;
  result.layer = layer.number;
  result.problem = loaded.problem;
  result.input_rounded = loaded.rounded;
  result.sampling = sampling_of(loaded.problem, layer.items, context.options.sample);
  result.thresholds = layer.thresholds.source;
  result.k = layer.thresholds.k;
  result.self_calibrated = layer.thresholds.self_calibrated;

  Stopwatch watch;
  auto output = obtain_output(context, layer.number, loaded, layer.thresholds.get(), layer.items,
                              result.sampling.sampled);
  result.output = output.label;
  result.kernel_took_work_list = !output.whole_problem;
  result.timings.kernel_s = watch.lap();

  result.facts = facts_of(output, layer.thresholds, loaded.problem, layer.items);
  check(result, context, layer, std::move(output), sequences);
  result.timings.check_s = watch.lap();
  result.verdict = analysis::conclude(result.blocks, result.facts);
  return result;
}

LayerResult compare_layer(const CompareContext& context, std::int64_t layer, Sequences* sequences) {
  const CompareOptions& options = context.options;
  const auto loaded = context.input->load(layer, attention_options(options.input));
  const auto items = select_items(loaded.problem, options.sample);
  Stopwatch watch;
  const auto thresholds =
      choose_thresholds(options.thresholds, {loaded.problem, loaded.inputs, options.qkv}, layer,
                        items, context.kernel ? &*context.kernel : nullptr, context.control);
  const double calibration_s = watch.lap();
  auto result = compare_loaded(context, {layer, loaded, thresholds, items}, sequences);
  result.timings.calibration_s = calibration_s;
  return result;
}

}  // namespace bsfa::cli
