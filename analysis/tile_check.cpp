// SPDX-License-Identifier: Apache-2.0
#include "analysis/tile_check.h"

#include <utility>

#include <fmt/format.h>

namespace bsfa::analysis {

TileFinding violation(std::string what) {
  return {Judgement::kViolation, std::move(what)};
}

TileFinding check_code(core::TilePlace place, std::uint8_t code) {
  const auto is = [code](core::TileCode wanted) {
    return code == static_cast<std::uint8_t>(wanted);
  };
  switch (place) {
    case core::TilePlace::kOutside:
      if (is(core::TileCode::kOutside)) return {};
      return violation(fmt::format("code {}, but causality masks the tile (code 0)", code));
    case core::TilePlace::kDiagonal:
      if (is(core::TileCode::kDiagonal)) return {};
      return violation(fmt::format("code {}, but the tile is diagonal (code 3)", code));
    case core::TilePlace::kOffDiagonal:
      break;
  }
  if (is(core::TileCode::kSkipped) || is(core::TileCode::kKept)) return {};
  return violation(fmt::format("code {}, but the tile is off-diagonal (code 1 or 2)", code));
}

std::size_t first_tile(const core::Problem& problem, const core::WorkItem& item) noexcept {
  const core::TileGeometry geometry(problem);
  const std::int64_t head = item.batch * problem.heads + item.head;
  return static_cast<std::size_t>((head * geometry.q_blocks() + item.q_block) *
                                  geometry.k_blocks());
}

}  // namespace bsfa::analysis
