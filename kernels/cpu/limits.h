// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/cpu/launch.h"

namespace bsfa::kernels::cpu {

/// BSFA_OK, BSFA_UNSUPPORTED naming the limit, or BSFA_INVALID_ARGUMENT for a problem that makes no
/// sense to any kernel.
bsfa_status check_problem(const bsfa_problem& problem, char* error, std::size_t size) noexcept;

/// The same for the buffers of one run.
bsfa_status check_arguments(const Launch& launch, char* error, std::size_t size) noexcept;

}  // namespace bsfa::kernels::cpu
