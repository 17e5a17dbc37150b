// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cuda {

/// "portable": gated FlashAttention-2 forward with mma.sync, for any GPU from sm_80.
const bsfa_kernel& portable_kernel() noexcept;

}  // namespace bsfa::kernels::cuda
