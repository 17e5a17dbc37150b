// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/compare/output_under_test.h"
#include "core/error.h"

namespace bsfa::cli {
namespace {

constexpr double kCheapMs = 10e3;

/// One run; a kernel that takes no work list computes everything, and `request` remembers it.
kernels::RunResult run_once(const kernels::Kernel& kernel, kernels::RunRequest& request,
                            const core::RunControl& control) {
  if (request.items.empty()) return kernels::run(kernel, request, control);
  try {
    return kernels::run(kernel, request, control);
  } catch (const core::UsageError&) {
    request.items = {};
    return kernels::run(kernel, request, control);
  }
}

}  // namespace

OutputUnderTest run_kernel(const kernels::Kernel& kernel, const KernelRun& run,
                           const core::RunControl& control) {
  kernels::RunRequest request;
  request.problem = run.problem;
  request.inputs = run.inputs;
  request.thresholds = run.thresholds;
  if (run.sampled) request.items = run.items;
  request.want_records = run.want_records;
  auto result = std::make_shared<kernels::RunResult>(run_once(kernel, request, control));

  OutputUnderTest out;
  out.label = {kernel.name(), kernel.library->origin(), "", 1, result->elapsed_ms};
  const char* build = kernel.library->table().build;
  if (build != nullptr && build != out.label.origin) out.label.build = build;
  out.whole_problem = request.items.empty();
  for (const auto& fault : result->faults) out.faults.push_back(fault.text);
  if (run.repeat.value_or(result->elapsed_ms < kCheapMs)) {
    const auto second = kernels::run(kernel, request, control);
    out.label.runs = 2;
    out.label.elapsed_ms = std::min(result->elapsed_ms, second.elapsed_ms);
    const auto all = core::all_work_items(run.problem);
    out.difference_between_runs = kernels::first_difference(
        run.problem, out.whole_problem ? std::span<const core::WorkItem>(all) : run.items, *result,
        second);
  }
  out.view = result->view(run.problem);
  out.records = std::move(result->records);
  out.owner = std::move(result);
  return out;
}

analysis::RunFacts facts_of(const OutputUnderTest& output, const ChosenThresholds& thresholds,
                            const core::Problem& problem, std::span<const core::WorkItem> items) {
  analysis::RunFacts facts;
  facts.mask_reported = output.view.mask != nullptr;
  facts.keep_all_requested = thresholds.keep_all_requested();
  facts.faults = output.faults;
  facts.difference_between_runs = output.difference_between_runs;
  if (facts.mask_reported) {
    const auto all = core::all_work_items(problem);
    const auto computed = output.whole_problem ? std::span<const core::WorkItem>(all) : items;
    facts.self_consistency =
        analysis::check_self_consistency(problem, thresholds.get(), computed, output.view);
  }
  return facts;
}

}  // namespace bsfa::cli
