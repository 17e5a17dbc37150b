// SPDX-License-Identifier: Apache-2.0
#include "tests/support/check.h"

#include <mutex>

#include "analysis/sampling.h"
#include "core/work.h"
#include "reference/attention.h"

namespace bsfa::test {
namespace {

std::vector<core::WorkItem> items_to_check(const core::Problem& problem,
                                           const CheckOptions& options) {
  return options.sample == 0 ? core::all_work_items(problem)
                             : analysis::sample_work_items(problem, options.sample, options.seed);
}

analysis::RunFacts facts_of(const io::GeneratedAttention& data, const core::Thresholds* thresholds,
                            std::span<const core::WorkItem> items, const kernels::RunResult& first,
                            const kernels::RunResult& second) {
  analysis::RunFacts facts;
  facts.mask_reported = !first.mask.empty();
  facts.keep_all_requested = thresholds == nullptr || thresholds->keeps_all();
  for (const auto& fault : first.faults) facts.faults.push_back(fault.text);
  facts.difference_between_runs = kernels::first_difference(data.problem, items, first, second);
  if (facts.mask_reported) {
    facts.self_consistency =
        analysis::check_self_consistency(data.problem, thresholds, items, first.view(data.problem));
  }
  return facts;
}

std::vector<core::TileCode> mask_to_judge(const reference::Attention& attention,
                                          const core::WorkItem& item,
                                          const core::Thresholds* thresholds,
                                          const core::KernelOutput& output) {
  if (output.mask != nullptr) return analysis::judged_mask(attention.problem(), item, output);
  return reference::gate(attention.problem(), attention.statistics(item, false), thresholds);
}

}  // namespace

std::string Checked::text() const {
  std::string text{analysis::name_of(verdict.outcome)};
  for (const auto& reason : verdict.reasons) text += "\n  " + reason;
  return text;
}

Checked check(const kernels::Kernel& kernel, const io::GeneratedAttention& data,
              const core::Thresholds* thresholds, const CheckOptions& options) {
  const auto items = items_to_check(data.problem, options);
  kernels::RunRequest request;
  request.problem = data.problem;
  request.inputs = data.inputs();
  request.thresholds = thresholds;
  if (options.sample != 0) request.items = items;
  request.want_mask = options.want_mask;
  kernels::Runner runner(kernel);
  const auto first = runner.run(request, {});
  const auto second = runner.run(request, {});
  const core::KernelOutput output = first.view(data.problem);

  const reference::Attention attention(data.problem, request.inputs);
  Checked checked;
  checked.blocks.resize(items.size());
  std::mutex one_at_a_time;
  reference::for_each_item(data.problem, items, {}, [&](std::size_t i, const core::WorkItem& item) {
    const std::vector<core::TileCode> mask = mask_to_judge(attention, item, thresholds, output);
    const auto evaluation = attention.evaluate(item, {&mask, 1}, true);
    checked.blocks[i] = analysis::judge_block(data.problem, thresholds, evaluation, output);
    const std::lock_guard lock(one_at_a_time);
    if (options.on_block) options.on_block(evaluation, checked.blocks[i]);
  });
  checked.verdict =
      analysis::conclude(checked.blocks, facts_of(data, thresholds, items, first, second));
  return checked;
}

}  // namespace bsfa::test
