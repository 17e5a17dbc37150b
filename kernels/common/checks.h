// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/include/bsfa/kernel.h"

// What our kernels ask of a problem and its buffers alike. Each returns one line of text that names
// what is wrong, or null.
namespace bsfa::kernels {

/// What makes no sense to any kernel: counts, lengths, scale.
const char* invalid_problem(const bsfa_problem& problem) noexcept;

/// Inputs beyond plain batched attention with thresholds, which none of our kernels takes.
const char* unsupported_arguments(const bsfa_arguments& arguments) noexcept;

/// Buffers that are missing or do not fit the problem; work items are not looked at.
const char* invalid_arguments(const bsfa_problem& problem,
                              const bsfa_arguments& arguments) noexcept;

/// Whether a gate of this size exists: 128x64, 64x64 or 128x128.
bool is_gate(std::int32_t q_block, std::int32_t k_block) noexcept;

/// Whether Q, K, V and O are all fp16 or all bf16.
bool one_half_dtype(const bsfa_problem& problem) noexcept;

}  // namespace bsfa::kernels
