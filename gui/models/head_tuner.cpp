// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/head_tuner.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/tile_geometry.h"

namespace bsfa::gui {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();
/// A retained mass that differs from what was asked for by less is as good: sums of floats are no
/// finer.
constexpr double kMassRounding = 1e-9;

/// Larger numbers have larger keys; the sign decides which bits to turn.
std::uint32_t ordered_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

/// A threshold that keeps what is `above`. +inf would skip everything, equal or not.
float midpoint(float above, float below) {
  if (above == below) return std::min(above, kLargest);
  if (!std::isfinite(above) || !std::isfinite(below)) return std::min(above, kLargest);
  return static_cast<float>(0.5 * (static_cast<double>(above) + static_cast<double>(below)));
}

}  // namespace

std::optional<HeadTuner> HeadTuner::make(std::shared_ptr<const HeadArrays> head) {
  if (!head || !head->tile_max) return std::nullopt;
  HeadTuner tuner;
  tuner.head_ = std::move(head);
  tuner.rows_.resize(static_cast<std::size_t>(tuner.head_->rows()));
  for (std::int64_t row = 0; row < tuner.rows(); ++row) tuner.sort_row(row);
  return tuner;
}

void HeadTuner::sort_row(std::int64_t index) {
  Row& row = rows_[static_cast<std::size_t>(index)];
  row.begin = row.end = sorted_.size();
  row.sums = row.begin + static_cast<std::size_t>(index);
  if (!head_->checked(index)) return;
  const core::TileGeometry geometry(head_->problem);
  const std::int64_t m = head_->q_blocks[static_cast<std::size_t>(index)];
  const core::Range diagonal = geometry.diagonal_k_blocks(m);
  const std::int64_t visible = std::min(geometry.visible_k_blocks(m), head_->k_blocks);
  row.valid_rows = geometry.q_rows(m).size();
  std::vector<std::uint64_t> keys;
  for (std::int64_t n = 0; n < visible; ++n) {
    if (diagonal.contains(n)) {
      ++row.diagonal;
      continue;
    }
    const float score = (*head_->tile_max)[head_->index(index, n)];
    if (std::isnan(score)) {
      ++row.always_kept;
    } else {
      keys.push_back(std::uint64_t{ordered_bits(score)} << 32 | static_cast<std::uint64_t>(n));
    }
  }
  std::sort(keys.begin(), keys.end(), std::greater<>());
  const auto tile_at = [&](std::uint64_t key) {
    return head_->index(index, static_cast<std::int64_t>(key & 0xFFFFFFFFU));
  };
  for (const std::uint64_t key : keys) sorted_.push_back((*head_->tile_max)[tile_at(key)]);
  row.end = sorted_.size();
  const auto sum_up = [&](const std::optional<std::vector<float>>& mass,
                          std::vector<double>& sums) {
    if (!mass) return;
    sums.resize(row.sums + keys.size() + 1, 0.0);
    for (std::size_t i = keys.size(); i > 0; --i) {
      const double own = static_cast<double>((*mass)[tile_at(keys[i - 1])]);
      sums[row.sums + i - 1] = sums[row.sums + i] + own;
    }
  };
  sum_up(head_->tile_mass, lost_);
  sum_up(head_->tile_mass_max, lost_max_);
}

std::int64_t HeadTuner::checked_rows() const {
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < rows(); ++row) count += head_->checked(row) ? 1 : 0;
  return count;
}

std::int64_t HeadTuner::off_diagonal(std::int64_t row) const {
  const Row& r = rows_[static_cast<std::size_t>(row)];
  return static_cast<std::int64_t>(r.end - r.begin) + r.always_kept;
}

float HeadTuner::tau_after(const Row& row, std::size_t kept) const {
  const std::size_t count = row.end - row.begin;
  if (kept >= count) return -kInf;
  if (kept == 0) return kInf;
  const float* sorted = sorted_.data() + row.begin;
  return midpoint(sorted[kept - 1], sorted[kept]);
}

float HeadTuner::tau_keeping(std::int64_t row, std::int64_t k) const {
  const Row& r = rows_[static_cast<std::size_t>(row)];
  if (k >= off_diagonal(row)) return -kInf;
  return tau_after(r, static_cast<std::size_t>(std::max<std::int64_t>(k - r.always_kept, 0)));
}

float HeadTuner::tau_for_density(std::int64_t row, double density) const {
  const double wanted = std::clamp(density, 0.0, 1.0) * static_cast<double>(off_diagonal(row));
  return tau_keeping(row, static_cast<std::int64_t>(std::floor(wanted + 0.5)));
}

float HeadTuner::tau_for_mass(std::int64_t row, double mass) const {
  const Row& r = rows_[static_cast<std::size_t>(row)];
  if (!knows_mass() || r.begin == r.end) return -kInf;
  const double allowed = 1.0 - mass + kMassRounding;
  const auto first = lost_.begin() + static_cast<std::ptrdiff_t>(r.sums);
  const auto last = first + static_cast<std::ptrdiff_t>(r.end - r.begin);
  // Losses fall with the tiles kept; a NaN among them fails the comparison and keeps more.
  const auto found =
      std::partition_point(first, last, [&](double lost) { return !(lost <= allowed); });
  return tau_after(r, static_cast<std::size_t>(found - first));
}

std::size_t HeadTuner::kept_of(const Row& row, float tau) const {
  if (tau == kInf) return 0;
  const auto first = sorted_.begin() + static_cast<std::ptrdiff_t>(row.begin);
  const auto last = sorted_.begin() + static_cast<std::ptrdiff_t>(row.end);
  return static_cast<std::size_t>(
      std::partition_point(first, last, [&](float score) { return score >= tau; }) - first);
}

analysis::Tuning HeadTuner::evaluate(std::int64_t row, float tau) const {
  const Row& r = rows_[static_cast<std::size_t>(row)];
  analysis::Tuning out;
  if (!head_->checked(row)) return out;
  const std::size_t kept = kept_of(r, tau);
  out.tiles.diagonal = r.diagonal;
  out.tiles.off_diagonal = off_diagonal(row);
  out.tiles.kept = static_cast<std::int64_t>(kept) + r.always_kept;
  out.tiles.skipped = out.tiles.off_diagonal - out.tiles.kept;
  out.rows = r.valid_rows;
  const auto rows = static_cast<double>(r.valid_rows);
  out.lost_mass =
      knows_mass() ? lost_[r.sums + kept] * rows : std::numeric_limits<double>::quiet_NaN();
  out.worst_row_loss =
      head_->tile_mass_max ? std::optional(lost_max_[r.sums + kept]) : std::nullopt;
  return out;
}

analysis::Tuning HeadTuner::evaluate(std::span<const float> tau) const {
  analysis::Tuning sum;
  for (std::int64_t row = 0; row < rows(); ++row) {
    if (head_->checked(row)) sum += evaluate(row, tau[static_cast<std::size_t>(row)]);
  }
  return sum;
}

}  // namespace bsfa::gui
