// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/mutant_interface.h"

namespace bsfa::test {

/// The same kernels as mutant_library(), computed by a GPU in its memory: the same text of
/// PlainAttention with the same mistakes, compiled for the device.
const bsfa_library& device_mutant_library();
const bsfa_kernel& device_mutant_table(Mutation mutation);

/// Q blocks that are computed at once, and the workspace that each needs.
constexpr std::int64_t kMostDeviceBlocks = 256;
std::uint64_t device_mutant_workspace(const bsfa_problem& problem);

/// Launches a run on arguments.stream; as MutantBackend::run.
bsfa_status run_device_mutant(const MutantPlan& plan, const bsfa_arguments& arguments, bool reverse,
                              std::int64_t items, char* error, std::size_t error_size);

}  // namespace bsfa::test
