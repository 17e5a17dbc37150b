// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/include/bsfa/kernel.h"

// What the portable kernel does not do. Each returns one line of text, or null.
namespace bsfa::kernels::cuda {

const char* unsupported_problem(const bsfa_problem& problem) noexcept;

/// Inputs and outputs that it cannot take, alignment included.
const char* unsupported_buffers(const bsfa_problem& problem,
                                const bsfa_arguments& arguments) noexcept;

}  // namespace bsfa::kernels::cuda
