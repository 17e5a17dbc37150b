// SPDX-License-Identifier: Apache-2.0
#include "core/work.h"

#include "core/tile_geometry.h"

namespace bsfa::core {

std::vector<WorkItem> all_work_items(const Problem& problem) {
  const std::int64_t q_blocks = TileGeometry(problem).q_blocks();
  std::vector<WorkItem> items;
  items.reserve(static_cast<std::size_t>(problem.batch * problem.heads * q_blocks));
  for (std::int64_t b = 0; b < problem.batch; ++b) {
    for (std::int64_t h = 0; h < problem.heads; ++h) {
      for (std::int64_t m = 0; m < q_blocks; ++m) items.push_back({b, h, m});
    }
  }
  return items;
}

}  // namespace bsfa::core
