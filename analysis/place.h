// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/work.h"

namespace bsfa::analysis {

/// "head 2, Q block 5", with the batch entry in front where there are several.
inline std::string place_of(const core::WorkItem& item, bool with_batch) {
  const std::string batch = with_batch ? "batch " + std::to_string(item.batch) + ", " : "";
  return batch + "head " + std::to_string(item.head) + ", Q block " + std::to_string(item.q_block);
}

}  // namespace bsfa::analysis
