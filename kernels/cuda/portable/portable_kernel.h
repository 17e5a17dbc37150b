// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cuda {

/// "portable": gated FlashAttention forward and tile statistics with mma.sync and cp.async.
///
/// Shapes   D = Dv = 64 or 128; fp16 or bf16, the same for Q, K, V and O; gate 128x64, 64x64 or
///          128x128; any strides that keep rows of Q, K and V at multiples of 16 bytes; work lists
///          without K ranges, whose items outside the problem are passed over: nothing of them is
///          written, their work records neither.
/// Gating   off or absolute.
/// Outputs  O, LSE, mask, tile_max, a work record a CTA (unit: SM), at 128x64 one more a warp; as
///          tile statistics tile_max and, given LSE, tile masses.
/// Device   sm_80 or later; 161 KiB of shared memory a CTA for D = 128 (sm_80, sm_90), 97 for 64.
/// Stream   asynchronous. Nothing is allocated; no workspace.
/// Errors   BSFA_UNSUPPORTED also where the problem's device is older than sm_80,
///          BSFA_DEVICE_ERROR without one.
const bsfa_kernel& portable_kernel() noexcept;

}  // namespace bsfa::kernels::cuda
