// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/bench/settings.h"
#include "core/run_control.h"
#include "core/tensor.h"
#include "kernels/host/timed_run.h"

namespace bsfa::cli {

/// One problem where kernels run on it: once for all host kernels, once for all device kernels.
class Stages {
 public:
  /// The tensors of `inputs` must outlive it.
  Stages(const core::Problem& problem, const core::AttentionInputs& inputs,
         const core::RunControl& control)
      : problem_(problem), inputs_(inputs), control_(control) {}

  /// Errors  throws as kernels::Runner.
  kernels::TimedProblem& of(const kernels::Kernel& kernel);
  /// nullptr where no kernel needed one.
  const kernels::Memory* device() const noexcept;

  const core::Problem& problem() const noexcept { return problem_; }
  const core::AttentionInputs& inputs() const noexcept { return inputs_; }
  const core::RunControl& control() const noexcept { return control_; }

 private:
  core::Problem problem_;
  core::AttentionInputs inputs_;
  core::RunControl control_;
  std::unique_ptr<kernels::TimedProblem> host_, device_;
};

/// The exact tile_max of every tile: from the first device kernel that tells it, else from the
/// first such host kernel, else from the reference.
///
/// Errors  throws as kernels::TimedRun.
TileMax tile_max_of(Stages& stages, std::span<const kernels::Kernel> kernels);

/// A kernel with one setting of the gate at one level.
struct Variant {
  kernels::Kernel kernel;
  std::size_t setting = 0;  ///< position among the settings
  bsfa_instrumentation level = BSFA_INSTRUMENT_NONE;
  std::optional<double> kept_measured;  ///< by the kernel's own mask; none where it has none
  std::unique_ptr<kernels::TimedRun> run;
};

/// A kernel that does not offer a level, in its own words.
struct Unsupported {
  std::string kernel;
  bsfa_instrumentation level;
  std::string reason;
};

/// All variants, by kernel, level and setting, and those that there are not.
struct Variants {
  std::vector<Variant> list;
  std::vector<Unsupported> unsupported;
};

/// Errors  throws as kernels::TimedRun where a kernel does not support the problem, or none of the
///         levels.
Variants make_variants(Stages& stages, std::span<const kernels::Kernel> kernels,
                       std::span<const GateSetting> settings,
                       std::span<const bsfa_instrumentation> levels);

/// "none", "mask", "work" or "warps", and back.
const char* name_of(bsfa_instrumentation level) noexcept;
bsfa_instrumentation level_of(const std::string& name);

}  // namespace bsfa::cli
