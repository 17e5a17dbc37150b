// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/instances.h"
#include "kernels/cuda/portable/parameters.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cuda {

/// The instance that computes a problem; its function is null where there is none.
Instance find_instance(const bsfa_problem& problem) noexcept;

/// CTAs of a problem without a work list.
std::int64_t item_count(const bsfa_problem& problem) noexcept;

/// What the device needs to know of a run. `l2_bytes` is the size of the second-level cache.
Parameters parameters_of(const bsfa_problem& problem, const bsfa_arguments& arguments,
                         std::int64_t l2_bytes) noexcept;

}  // namespace bsfa::kernels::cuda
