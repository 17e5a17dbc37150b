// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/device_code.h"

namespace bsfa::test {

/// The i-th work item of a run: of the list that was given, else of the whole problem in order.
BSFA_MUTANT_CODE inline bsfa_work_item plain_item(const bsfa_problem& p,
                                                  const bsfa_arguments& arguments, std::int64_t i) {
  if (arguments.work_items != nullptr) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(arguments.work_items);
    return *reinterpret_cast<const bsfa_work_item*>(
        bytes + i * static_cast<std::int64_t>(arguments.work_item_size));
  }
  const std::int64_t q_blocks = (p.q_len + p.gate_q_block - 1) / p.gate_q_block;
  return {static_cast<std::int32_t>(i / q_blocks / p.heads),
          static_cast<std::int32_t>(i / q_blocks % p.heads),
          static_cast<std::int32_t>(i % q_blocks), 0, 0};
}

}  // namespace bsfa::test
