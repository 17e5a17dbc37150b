// SPDX-License-Identifier: Apache-2.0
#include "analysis/tuning.h"

#include <string>

#include "analysis/worse.h"
#include "core/error.h"
#include "core/mask.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

template <typename Score>
std::vector<core::TileCode> gate_tiles(const core::Problem& problem, std::int64_t q_block,
                                       std::span<const Score> tile_max, float tau) {
  const core::TileGeometry geometry(problem);
  std::vector<core::TileCode> mask(tile_max.size(), core::TileCode::kOutside);
  for (std::size_t n = 0; n < mask.size(); ++n) {
    const core::TilePlace place = geometry.place(q_block, static_cast<std::int64_t>(n));
    if (place == core::TilePlace::kDiagonal) mask[n] = core::TileCode::kDiagonal;
    if (place != core::TilePlace::kOffDiagonal) continue;
    mask[n] = core::gate_keeps(tile_max[n], tau) ? core::TileCode::kKept : core::TileCode::kSkipped;
  }
  return mask;
}

void require_tiles(const core::Problem& problem, std::size_t size, const char* name) {
  if (size == static_cast<std::size_t>(core::TileGeometry(problem).k_blocks())) return;
  throw core::InvalidProblem(std::string(name) + " does not hold one value for each K block");
}

}  // namespace

double Tuning::retained_mass() const {
  if (rows == 0) return 1.0;
  return 1.0 - lost_mass / static_cast<double>(rows);
}

std::optional<double> Tuning::certificate() const {
  if (!worst_row_loss || !(*worst_row_loss < 1.0)) return std::nullopt;
  return *worst_row_loss / (1.0 - *worst_row_loss);
}

Tuning& Tuning::operator+=(const Tuning& other) {
  tiles += other.tiles;
  lost_mass += other.lost_mass;
  rows += other.rows;
  if (!worst_row_loss || !other.worst_row_loss) {
    worst_row_loss.reset();
  } else if (worse(*other.worst_row_loss, *worst_row_loss)) {
    worst_row_loss = other.worst_row_loss;
  }
  return *this;
}

std::vector<core::TileCode> mask_under(const core::Problem& problem,
                                       const TileStatistics& statistics, float tau) {
  require_tiles(problem, statistics.tile_max.size(), "tile_max");
  return gate_tiles(problem, statistics.q_block, statistics.tile_max, tau);
}

Tuning tune(const core::Problem& problem, const TileStatistics& statistics,
            std::span<const core::TileCode> mask) {
  require_tiles(problem, mask.size(), "mask");
  require_tiles(problem, statistics.tile_mass.size(), "tile_mass");
  const bool with_maximum = !statistics.tile_mass_max.empty();
  if (with_maximum) require_tiles(problem, statistics.tile_mass_max.size(), "tile_mass_max");
  const std::int64_t visible = core::TileGeometry(problem).visible_k_blocks(statistics.q_block);
  double lost = 0.0, worst = 0.0;
  for (std::size_t n = 0; n < static_cast<std::size_t>(visible); ++n) {
    if (core::takes_part(mask[n])) continue;
    lost += static_cast<double>(statistics.tile_mass[n]);
    if (with_maximum) worst += static_cast<double>(statistics.tile_mass_max[n]);
  }
  Tuning tuning;
  tuning.tiles = count_tiles(problem, statistics.q_block, mask);
  tuning.rows = statistics.rows;
  tuning.lost_mass = lost * static_cast<double>(statistics.rows);
  tuning.worst_row_loss = with_maximum ? std::optional(worst) : std::nullopt;
  return tuning;
}

Tuning tune(const core::Problem& problem, const TileStatistics& statistics, float tau) {
  return tune(problem, statistics, mask_under(problem, statistics, tau));
}

Tuning tune(const core::Problem& problem, const core::BlockStatistics& statistics, float tau) {
  require_tiles(problem, statistics.tile_max.size(), "tile_max");
  const auto mask = gate_tiles<double>(problem, statistics.item.q_block, statistics.tile_max, tau);
  return tune(problem,
              {statistics.item.q_block,
               statistics.rows,
               {},
               statistics.tile_mass,
               statistics.tile_mass_max},
              mask);
}

}  // namespace bsfa::analysis
