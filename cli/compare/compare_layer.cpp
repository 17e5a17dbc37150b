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
                     std::uint64_t seed) {
  const auto total = static_cast<std::int64_t>(core::all_work_items(problem).size());
  const auto checked = static_cast<std::int64_t>(items.size());
  return {checked < total, checked, total, seed};
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

void check(LayerResult& result, const CompareContext& context, const io::LoadedAttention& loaded,
           const ChosenThresholds& thresholds, std::span<const core::WorkItem> items,
           OutputUnderTest output, std::map<std::int64_t, traces::Sequence>* sequences) {
  std::optional<TraceRows> rows;
  BlockSink sink;
  if (sequences != nullptr) {
    rows.emplace(loaded.problem, items, thresholds.get(), output.view.mask != nullptr);
    sink = [&rows](const JudgedBlock& block) { rows->record(block); };
  }
  const reference::Attention attention(loaded.problem, loaded.inputs);
  const Candidate candidate{thresholds.get(), output.view};
  Progress progress("checking");
  result.blocks = std::move(
      judge(attention, items, {&candidate, 1}, progress.watch(context.control), sink).front());
  if (rows) *sequences = rows->finish(std::move(output.records));
}

}  // namespace

LayerResult compare_layer(const CompareContext& context, std::int64_t layer,
                          std::map<std::int64_t, traces::Sequence>* sequences) {
  const CompareOptions& options = context.options;
  const auto loaded = context.input.load(layer, attention_options(options.input));
  const auto items = select_items(loaded.problem, options.sample);
  LayerResult result;
  result.layer = layer;
  result.problem = loaded.problem;
  result.input_rounded = loaded.rounded;
  result.sampling = sampling_of(loaded.problem, items, options.sample.seed);

  Stopwatch watch;
  const auto thresholds =
      choose_thresholds(options.thresholds, {loaded.problem, loaded.inputs, options.qkv}, layer,
                        items, context.kernel ? &*context.kernel : nullptr, context.control);
  result.thresholds = thresholds.source;
  result.k = thresholds.k;
  result.self_calibrated = thresholds.self_calibrated;
  result.timings.calibration_s = watch.lap();

  auto output =
      obtain_output(context, layer, loaded, thresholds.get(), items, result.sampling.sampled);
  result.output = output.label;
  result.kernel_took_work_list = !output.whole_problem;
  result.timings.kernel_s = watch.lap();

  result.facts = facts_of(output, thresholds, loaded.problem, items);
  check(result, context, loaded, thresholds, items, std::move(output), sequences);
  result.timings.check_s = watch.lap();
  result.verdict = analysis::conclude(result.blocks, result.facts);
  return result;
}

}  // namespace bsfa::cli
