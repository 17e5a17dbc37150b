// SPDX-License-Identifier: Apache-2.0
#include "core/mask.h"
#include "core/tile_geometry.h"
#include "reference/attention.h"

namespace bsfa::reference {

std::vector<core::TileCode> gate(const core::Problem& problem,
                                 const core::BlockStatistics& statistics,
                                 const core::Thresholds* thresholds) {
  const core::TileGeometry geometry(problem);
  const core::WorkItem& item = statistics.item;
  std::vector<core::TileCode> mask(statistics.tile_max.size(), core::TileCode::kOutside);
  for (std::size_t n = 0; n < mask.size(); ++n) {
    switch (geometry.place(item.q_block, static_cast<std::int64_t>(n))) {
      case core::TilePlace::kOutside:
        break;
      case core::TilePlace::kDiagonal:
        mask[n] = core::TileCode::kDiagonal;
        break;
      case core::TilePlace::kOffDiagonal: {
        const bool kept =
            thresholds == nullptr ||
            core::gate_keeps(statistics.tile_max[n],
                             thresholds->at(item.head, geometry.threshold_index(
                                                           item.q_block, thresholds->blocks)));
        mask[n] = kept ? core::TileCode::kKept : core::TileCode::kSkipped;
        break;
      }
    }
  }
  return mask;
}

}  // namespace bsfa::reference
