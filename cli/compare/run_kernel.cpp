// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/compare/output_under_test.h"

namespace bsfa::cli {
namespace {

constexpr double kCheapMs = 10e3;

kernels::RunRequest request_of(const KernelRun& run) {
  kernels::RunRequest request;
  request.problem = run.problem;
  request.inputs = run.inputs;
  request.thresholds = run.thresholds;
  if (run.sampled) request.items = run.items;
  request.want_records = run.want_records;
  return request;
}

OutputLabel label_of(const kernels::Kernel& kernel, const kernels::RunResult& result) {
  OutputLabel label;
  label.name = kernel.name();
  label.origin = kernel.library->origin();
  label.gpu = result.gpu;
  label.driver = result.driver;
  label.runs = 1;
  label.elapsed_ms = result.elapsed_ms;
  const char* build = kernel.library->table().build;
  if (build != nullptr && build != label.origin) label.build = build;
  return label;
}

/// Runs once more and notes whether anything came out otherwise.
void repeat(OutputUnderTest& out, kernels::Runner& runner, const KernelRun& run,
            const kernels::RunResult& first, const core::RunControl& control) {
  const auto second = runner.run(request_of(run), control);
  out.label.runs = 2;
  out.label.elapsed_ms = std::min(first.elapsed_ms, second.elapsed_ms);
  const auto all = core::all_work_items(run.problem);
  const auto computed = out.whole_problem ? std::span<const core::WorkItem>(all) : run.items;
  out.difference_between_runs = kernels::first_difference(run.problem, computed, first, second);
}

}  // namespace

OutputUnderTest run_kernel(kernels::Runner& runner, const KernelRun& run,
                           const core::RunControl& control) {
  auto result = std::make_shared<kernels::RunResult>(runner.run(request_of(run), control));
  OutputUnderTest out;
  out.label = label_of(runner.kernel(), *result);
  out.whole_problem = result->whole_problem;
  for (const auto& fault : result->faults) out.faults.push_back(fault.text);
  if (run.repeat.value_or(result->elapsed_ms < kCheapMs))
    repeat(out, runner, run, *result, control);
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
