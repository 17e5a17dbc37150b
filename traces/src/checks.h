// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/trace.h"

namespace bsfa::traces {

/// What holds for every trace: the writer refuses to break it, the reader does not rely on it.
///
/// Errors  throw Fault.

/// What the geometry of tiles needs; kernels to come may bring dimensions unknown today.
void check_problem(const core::Problem& problem);

/// Ascending, and all of them Q blocks of the problem.
void check_q_blocks(const std::vector<std::int64_t>& q_blocks, const core::Problem& problem);

/// A reference mask holds tile codes, or 255 where nothing was checked. A kernel may have left
/// anything in its mask, and that is what its author wants to see.
void check_codes(const std::string& name, const std::vector<std::uint8_t>& codes);
template <typename T>
void check_codes(const std::string&, const std::vector<T>&) {}

}  // namespace bsfa::traces
