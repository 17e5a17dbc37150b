// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "tests/kernels/support.h"

namespace bsfa::test {

/// The kernel that the tests of a binary are about; each binary that uses this defines it.
kernels::Kernel tested_kernel();

/// Runs it on everything, or on `items`, with all outputs wanted.
inline kernels::RunResult run_tested(const Inputs& inputs, const core::Thresholds* thresholds,
                                     std::span<const core::WorkItem> items = {}) {
  return run(tested_kernel(), inputs, thresholds, items);
}

/// What it plans for a problem with gating, at a level of instrumentation.
bsfa_plan_info plan_of(const kernels::Kernel& kernel, const core::Problem& problem,
                       bsfa_instrumentation level);

/// Whether a work record's count of issued products fits the `needed` ones: a kernel may compute
/// one more on either side of its tiles, which it must then admit to.
inline bool issued_for(std::uint64_t issued, std::uint64_t needed) {
  return needed <= issued && issued <= needed + 1;
}

}  // namespace bsfa::test
