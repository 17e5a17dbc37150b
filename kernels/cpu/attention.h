// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/launch.h"

namespace bsfa::kernels::cpu {

/// What one Q block cost, in gate tiles.
struct BlockWork {
  std::uint64_t seen = 0, kept = 0;
};

/// Bytes of scratch memory that one worker needs, a multiple of 64.
std::size_t scratch_bytes(const bsfa_problem& problem) noexcept;

/// Gated attention of one Q block; writes its rows of every output that is wanted. `scratch` is
/// 64-byte aligned and holds scratch_bytes().
[[gnu::nonnull]] BlockWork attend(const Launch& launch, const BlockView& block, void* scratch);

}  // namespace bsfa::kernels::cpu
