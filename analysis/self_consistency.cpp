// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <fmt/format.h>

#include "analysis/gating.h"
#include "analysis/place.h"
#include "analysis/tile_check.h"
#include "core/error.h"

namespace bsfa::analysis {
namespace {

/// One off-diagonal tile's code against the kernel's own tile_max, where there is one.
TileFinding check_against_itself(bool kept, const float* tile_max, float tau) {
  if (!kept && tau == -std::numeric_limits<float>::infinity()) {
    return violation("skipped, but nothing may be skipped here");
  }
  if (tile_max == nullptr || kept == core::gate_keeps(*tile_max, tau)) return {};
  return violation(fmt::format("{}, but its own tile_max is {:.9g} and the threshold {:.9g}",
                               kept ? "kept" : "skipped", *tile_max, tau));
}

}  // namespace

std::vector<core::TileCode> judged_mask(const core::Problem& problem, const core::WorkItem& item,
                                        const core::KernelOutput& kernel) {
  if (kernel.mask == nullptr) throw core::InvalidProblem("the kernel reports no mask");
  const std::uint8_t* codes = kernel.mask + first_tile(problem, item);
  const core::TileGeometry geometry(problem);
  std::vector<core::TileCode> mask(static_cast<std::size_t>(geometry.k_blocks()));
  for (std::size_t n = 0; n < mask.size(); ++n) {
    const bool exists = codes[n] <= static_cast<std::uint8_t>(core::TileCode::kDiagonal);
    mask[n] = exists ? static_cast<core::TileCode>(codes[n]) : core::TileCode::kSkipped;
  }
  return mask;
}

SelfConsistency check_self_consistency(const core::Problem& problem,
                                       const core::Thresholds* thresholds,
                                       std::span<const core::WorkItem> items,
                                       const core::KernelOutput& kernel) {
  SelfConsistency result;
  if (kernel.mask == nullptr) return result;
  const core::TileGeometry geometry(problem);
  for (const core::WorkItem& item : items) {
    const std::size_t first = first_tile(problem, item);
    const float tau = threshold_of(problem, thresholds, item);
    for (std::int64_t n = 0; n < geometry.k_blocks(); ++n, ++result.tiles) {
      const std::size_t at = first + static_cast<std::size_t>(n);
      const core::TilePlace place = geometry.place(item.q_block, n);
      TileFinding tile = check_code(place, kernel.mask[at]);
      if (tile.judgement == Judgement::kRight && place == core::TilePlace::kOffDiagonal) {
        const float* own = kernel.tile_max == nullptr ? nullptr : kernel.tile_max + at;
        tile = check_against_itself(is_kept(kernel.mask[at]), own, tau);
      }
      if (tile.judgement != Judgement::kViolation || ++result.violations > 1) continue;
      result.first =
          fmt::format("{}, K block {}: {}", place_of(item, problem.batch > 1), n, tile.what);
    }
  }
  return result;
}

}  // namespace bsfa::analysis
