// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cuda {

/// The first of our CUDA kernels that runs on a device of this compute capability (10·major +
/// minor), null where none does.
const bsfa_kernel* best_kernel(std::span<const bsfa_kernel* const> kernels,
                               int capability) noexcept;

}  // namespace bsfa::kernels::cuda
