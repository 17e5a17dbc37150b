// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cpu {

/// The `cpu` kernel behind the C interface: gated attention forward in float on the host.
///
/// Shapes   D = Dv = 64 or 128; fp16 or bf16, the same for Q, K, V and O; gate 128x64, 64x64 or
///          128x128; any strides over the leading dimensions; work lists without K ranges.
/// Gating   off, absolute, or a byte mask as input.
/// Outputs  O, LSE, mask, tile_max, one work record per work item (unit: worker).
/// Threads  as many workers as problem.max_workers says. Results do not depend on their number.
const bsfa_kernel& kernel() noexcept;

}  // namespace bsfa::kernels::cpu
