// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace bsfa::core {

/// What became of a tile; the byte values are those of files and of the kernel interface.
enum class TileCode : std::uint8_t {
  kOutside = 0,
  kSkipped = 1,
  kKept = 2,
  kDiagonal = 3,
};

/// Whether a tile with this code takes part in the softmax. Codes that do not exist do not.
constexpr bool takes_part(TileCode code) noexcept {
  return code == TileCode::kKept || code == TileCode::kDiagonal;
}

/// The gate's decision for an off-diagonal tile: NaN keeps, τ = +inf skips, a tie is kept.
template <typename Score>
bool gate_keeps(Score tile_max, float tau) noexcept {
  if (std::isnan(tile_max)) return true;
  if (tau == std::numeric_limits<float>::infinity()) return false;
  return tile_max >= static_cast<Score>(tau);
}

}  // namespace bsfa::core
