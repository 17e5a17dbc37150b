// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/mutation.h"

namespace bsfa::test {

/// The plain kernel and every mutant of it as a table of kernels, "plain" first. A host kernel, one
/// thread; it offers O, LSE, mask and tile_max, whole problems and work lists, absolute gating and
/// none.
const bsfa_library& mutant_library();
const bsfa_kernel& mutant_table(Mutation mutation);

}  // namespace bsfa::test
