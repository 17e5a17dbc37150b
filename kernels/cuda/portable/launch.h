// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/instances.h"
#include "kernels/cuda/portable/parameters.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cuda {

/// The smallest instance that gives what the arguments ask for. All of a problem's have the same
/// threads and compute tiles.
Instance find_instance(const bsfa_problem& problem, const bsfa_arguments& arguments) noexcept;

/// Work records of one Q block at the problem's level.
std::uint32_t records_per_item(const bsfa_problem& problem, const Instance& instance) noexcept;

/// CTAs of a problem without a work list.
std::int64_t item_count(const bsfa_problem& problem) noexcept;

/// What the device needs to know of a run. `l2_bytes` is the size of the second-level cache.
Parameters parameters_of(const bsfa_problem& problem, const bsfa_arguments& arguments,
                         const Instance& instance, std::int64_t l2_bytes) noexcept;

}  // namespace bsfa::kernels::cuda
