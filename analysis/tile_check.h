// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/mask.h"
#include "core/tile_geometry.h"
#include "core/work.h"

namespace bsfa::analysis {

enum class Judgement { kRight, kTie, kViolation };

/// What became of one tile, and why it is wrong where it is.
struct TileFinding {
  Judgement judgement = Judgement::kRight;
  std::string what;
};

TileFinding violation(std::string what);

/// A kernel's mask code against the geometry; right for off-diagonal tiles skipped or kept.
TileFinding check_code(core::TilePlace place, std::uint8_t code);

inline bool is_kept(std::uint8_t code) noexcept {
  return core::takes_part(static_cast<core::TileCode>(code));
}

/// Where a Q block's tiles begin in [B,H,Qb,Kb].
std::size_t first_tile(const core::Problem& problem, const core::WorkItem& item) noexcept;

}  // namespace bsfa::analysis
