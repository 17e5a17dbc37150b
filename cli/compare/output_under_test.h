// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/verdict.h"
#include "cli/support/threshold_choice.h"
#include "core/block.h"
#include "core/run_control.h"
#include "core/thresholds.h"
#include "core/work.h"
#include "io/tensor_file.h"
#include "kernels/host/library.h"
#include "kernels/host/run.h"

namespace bsfa::cli {

/// Who made an output and how long it took.
struct OutputLabel {
  std::string name;         ///< kernel name, or the file of a saved output
  std::string origin;       ///< "built-in", a library's path, or "saved output"
  std::string build;        ///< the library's own version, empty where unknown
  std::string gpu, driver;  ///< empty for a host kernel and a saved output
  int runs = 0;             ///< 0 for a saved output
  std::optional<double> elapsed_ms;
};

/// What is judged: a kernel's results or a file's.
struct OutputUnderTest {
  OutputLabel label;
  core::KernelOutput view;
  bool whole_problem = true;  ///< false: only the work items that were asked for were computed
  std::vector<std::string> faults;
  std::string difference_between_runs;
  std::vector<core::WorkRecord> records;
  std::shared_ptr<const void> owner;
};

/// How a kernel is to be run.
struct KernelRun {
  core::Problem problem;
  core::AttentionInputs inputs;
  const core::Thresholds* thresholds = nullptr;
  std::span<const core::WorkItem> items;  ///< the ones that will be checked
  bool sampled = false;                   ///< items are not all there are
  bool want_records = false;
  std::optional<bool> repeat;  ///< run twice and compare; none: where the first took under 10 s
};

/// Runs a kernel on the sampled items alone where it takes a work list, else on the whole problem.
///
/// Errors  as kernels::Runner.
OutputUnderTest run_kernel(kernels::Runner& runner, const KernelRun& run,
                           const core::RunControl& control);

/// Reads a saved output: tensor o (or layers.L.o) [B,H,M,D] in the problem's dtype, or fp32 whose
/// values are all representable in it; optional lse [B,H,M], tile_max [B,H,Qb,Kb] in fp32, and mask
/// [B,H,Qb,Kb] in u8 codes or bool (true: takes part).
///
/// Errors  throws core::InputError.
OutputUnderTest saved_output(const std::shared_ptr<const io::TensorFile>& file, std::int64_t layer,
                             const core::Problem& problem);

/// What is known of the run besides its numbers, the kernel's mask checked against itself on every
/// tile that was computed.
analysis::RunFacts facts_of(const OutputUnderTest& output, const ChosenThresholds& thresholds,
                            const core::Problem& problem, std::span<const core::WorkItem> items);

}  // namespace bsfa::cli
