// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/tile_geometry.h"
#include "gui/models/head_tuner.h"

namespace bsfa::gui {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr std::size_t kLast = CurveTuner::kPoints - 1;
constexpr double kSteps = static_cast<double>(kLast);

/// A share of the mass below which a curve's floats say nothing.
constexpr double kNoLoss = 1e-6;

double between(double from, double to, double share) {
  return from + (to - from) * share;
}

}  // namespace

CurveTuner::CurveTuner(const core::Problem& problem, std::span<const std::int64_t> q_blocks,
                       std::span<const std::uint8_t> held, std::span<const float> thresholds,
                       std::span<const float> masses)
    : thresholds_(thresholds), masses_(masses) {
  const core::TileGeometry geometry(problem);
  for (std::size_t i = 0; i < q_blocks.size(); ++i) {
    const std::int64_t m = q_blocks[i];
    Count count;
    count.checked = held.empty() || held[i] != 0;
    if (count.checked) {
      count.off_diagonal = geometry.off_diagonal_count(m);
      count.diagonal = geometry.visible_k_blocks(m) - count.off_diagonal;
      count.valid_rows = geometry.q_rows(m).size();
    }
    counts_.push_back(count);
  }
}

std::int64_t CurveTuner::checked_rows() const {
  return std::count_if(counts_.begin(), counts_.end(),
                       [](const Count& count) { return count.checked; });
}

void CurveTuner::set_certificates(std::span<const float> certificates, std::span<const float> tau) {
  bound_over_loss_.assign(counts_.size(), std::numeric_limits<double>::quiet_NaN());
  double most = 0.0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto bound = static_cast<double>(certificates[i]);
    const double lost = lost_under(static_cast<std::int64_t>(i), tau[i]);
    if (!counts_[i].checked || !(bound >= 0.0) || !(lost > kNoLoss)) continue;
    const double share = std::isinf(bound) ? 1.0 : bound / (1.0 + bound);
    bound_over_loss_[i] = std::max(share / lost, 1.0);
    most = std::max(most, bound_over_loss_[i]);
  }
  // Rows that lose nothing yet are taken for the loosest of the others.
  for (double& ratio : bound_over_loss_) {
    if (std::isnan(ratio) && most > 0.0) ratio = most;
  }
}

float CurveTuner::threshold(std::int64_t row, std::size_t point) const {
  return thresholds_[static_cast<std::size_t>(row) * kPoints + point];
}

double CurveTuner::mass(std::int64_t row, std::size_t point) const {
  return static_cast<double>(masses_[static_cast<std::size_t>(row) * kPoints + point]);
}

double CurveTuner::share_of(std::int64_t row, float tau) const {
  if (tau == kInf) return 0.0;
  // Thresholds fall from point to point; the last that keeps no less than τ does.
  std::size_t low = 0, high = kPoints;
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (threshold(row, middle) >= tau ? low : high) = middle;
  }
  if (low == kLast) return 1.0;
  float above = threshold(row, low), below = threshold(row, low + 1);
  if (low == 0 && std::isinf(above)) {
    // Nothing is known above the first finite point: the curve goes on as it comes.
    above = below + std::max(below - threshold(row, 2), 0.0F);
    if (!(above > below)) return 0.0;
  }
  const float width = above - below;
  const double inside = std::isfinite(width) && width > 0.0F
                            ? std::clamp(static_cast<double>((above - tau) / width), 0.0, 1.0)
                            : 0.0;
  return (static_cast<double>(low) + inside) / kSteps;
}

float CurveTuner::tau_of(std::int64_t row, double share) const {
  if (!(share > 0.0)) return kInf;
  if (share >= 1.0) return -kInf;
  const auto low = std::min(static_cast<std::size_t>(share * kSteps), kLast - 1);
  const double inside = share * kSteps - static_cast<double>(low);
  float above = threshold(row, low), below = threshold(row, low + 1);
  if (low == 0 && std::isinf(above)) above = below + std::max(below - threshold(row, 2), 0.0F);
  if (!std::isfinite(above) || !std::isfinite(below)) return inside > 0.5 ? below : above;
  return static_cast<float>(
      between(static_cast<double>(above), static_cast<double>(below), inside));
}

double CurveTuner::mass_of(std::int64_t row, double share) const {
  const auto low = std::min(static_cast<std::size_t>(share * kSteps), kLast - 1);
  return between(mass(row, low), mass(row, low + 1), share * kSteps - static_cast<double>(low));
}

float CurveTuner::tau_keeping(std::int64_t row, std::int64_t k) const {
  const Count& count = counts_[static_cast<std::size_t>(row)];
  if (k <= 0) return kInf;
  if (!count.checked || k >= count.off_diagonal) return -kInf;
  return tau_of(row, static_cast<double>(k) / static_cast<double>(count.off_diagonal));
}

float CurveTuner::tau_for_density(std::int64_t row, double density) const {
  const Count& count = counts_[static_cast<std::size_t>(row)];
  const double tiles = std::clamp(density, 0.0, 1.0) * static_cast<double>(count.off_diagonal);
  return tau_keeping(row, static_cast<std::int64_t>(std::floor(tiles + 0.5)));
}

float CurveTuner::tau_for_mass(std::int64_t row, double wanted) const {
  if (!counts_[static_cast<std::size_t>(row)].checked) return -kInf;
  std::size_t point = 0;
  while (point < kPoints && !(mass(row, point) >= wanted)) ++point;
  if (point == kPoints) return -kInf;
  if (point == 0) return kInf;
  const double below = mass(row, point - 1), above = mass(row, point);
  const double inside = above > below ? (wanted - below) / (above - below) : 1.0;
  return tau_of(row, (static_cast<double>(point - 1) + inside) / kSteps);
}

double CurveTuner::lost_under(std::int64_t row, float tau) const {
  const Count& count = counts_[static_cast<std::size_t>(row)];
  if (!count.checked || count.off_diagonal == 0) return 0.0;
  return std::max(1.0 - mass_of(row, share_of(row, tau)), 0.0);
}

analysis::Tuning CurveTuner::evaluate(std::span<const float> tau) const {
  analysis::Tuning sum;
  std::optional<double> worst = bound_over_loss_.empty() ? std::nullopt : std::optional(0.0);
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const Count& count = counts_[i];
    if (!count.checked) continue;
    const auto row = static_cast<std::int64_t>(i);
    const double share = count.off_diagonal > 0 ? share_of(row, tau[i]) : 1.0;
    const auto kept = std::llround(share * static_cast<double>(count.off_diagonal));
    sum.tiles.diagonal += count.diagonal;
    sum.tiles.off_diagonal += count.off_diagonal;
    sum.tiles.kept += kept;
    sum.tiles.skipped += count.off_diagonal - kept;
    sum.rows += count.valid_rows;
    const double lost = count.off_diagonal > 0 ? 1.0 - mass_of(row, share) : 0.0;
    sum.lost_mass += lost * static_cast<double>(count.valid_rows);
    if (!worst || !(lost > kNoLoss)) continue;
    const double bound = bound_over_loss_[i] * lost;
    worst = std::isnan(bound) ? std::nullopt : std::optional(std::max(*worst, bound));
  }
  sum.worst_row_loss = worst;
  return sum;
}

}  // namespace bsfa::gui
