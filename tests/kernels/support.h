// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/run_control.h"
#include "kernels/host/run.h"
#include "tests/support/brute_force.h"

namespace bsfa::test {

/// Runs a kernel on everything, or on `items`, with all outputs wanted.
kernels::RunResult run(const kernels::Kernel& kernel, const Inputs& inputs,
                       const core::Thresholds* thresholds,
                       std::span<const core::WorkItem> items = {}, int threads = 0);
kernels::RunResult run_cpu(const Inputs& inputs, const core::Thresholds* thresholds,
                           std::span<const core::WorkItem> items = {}, int threads = 0);

/// Empty if the result is what the definition gives within the bounds that arithmetic allows;
/// otherwise one line about the first deviation. The kernel's own mask is judged against the
/// exact one, except where tile_max lies within its bound of the threshold. Without a mask it is
/// judged under the exact one, Q blocks with such a tile left out.
std::string deviation(const Inputs& inputs, const core::Thresholds* thresholds,
                      const kernels::RunResult& result, std::span<const core::WorkItem> items = {});

/// Thresholds per head that skip about the given share of all off-diagonal tiles.
core::Thresholds skipping(const Inputs& inputs, double share);

/// Tiles of a mask with this code.
std::int64_t count(const std::vector<std::uint8_t>& mask, std::uint8_t code);

/// A problem as the C interface has it, gated by absolute thresholds.
bsfa_problem gated(const core::Problem& problem);

core::Problem problem(std::int64_t q_len, std::int64_t kv_len, std::int64_t head_dim = 64);

}  // namespace bsfa::test
