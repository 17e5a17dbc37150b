// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analysis/tuning.h"
#include "gui/models/tile_field.h"

namespace bsfa::gui {

/// Answers what any threshold would do to one head, exactly, in microseconds a row.
///
/// The off-diagonal tiles of each row are sorted by tile_max once, with running sums of the mass
/// that the lower ones carry; then a threshold is a search. Rows that were not checked take no
/// part. NaN in tile_max is kept by every threshold.
class HeadTuner {
 public:
  /// None where the head has no tile_max.
  static std::optional<HeadTuner> make(std::shared_ptr<const HeadArrays> head);

  const HeadArrays& head() const noexcept { return *head_; }
  bool knows_mass() const noexcept { return head_->tile_mass.has_value(); }
  std::int64_t rows() const noexcept { return head_->rows(); }
  std::int64_t checked_rows() const;
  std::int64_t off_diagonal(std::int64_t row) const;

  /// Thresholds of one row. By k as calibration has it: midpoint of the k-th and (k+1)-th largest.
  float tau_keeping(std::int64_t row, std::int64_t k) const;
  float tau_for_density(std::int64_t row, double density) const;
  /// The highest that retains this mean mass; -inf where masses are not known.
  float tau_for_mass(std::int64_t row, double mass) const;

  /// What one threshold does to one row. Without stored masses lost_mass is NaN.
  analysis::Tuning evaluate(std::int64_t row, float tau) const;
  /// What thresholds [rows] do to the head.
  analysis::Tuning evaluate(std::span<const float> tau) const;

 private:
  struct Row {
    std::size_t begin = 0, end = 0;  ///< into sorted_
    std::size_t sums = 0;            ///< into lost_ and lost_max_, which have one more for each row
    std::int64_t diagonal = 0, valid_rows = 0;
    std::int64_t always_kept = 0;  ///< NaN tiles
  };
  HeadTuner() = default;
  void sort_row(std::int64_t row);
  std::size_t kept_of(const Row& row, float tau) const;
  /// τ that keeps so many sorted tiles; more where the next is equal.
  float tau_after(const Row& row, std::size_t kept) const;

  std::shared_ptr<const HeadArrays> head_;
  std::vector<Row> rows_;
  std::vector<float> sorted_;            ///< tile_max, highest first, row after row
  std::vector<double> lost_, lost_max_;  ///< sums of tile_mass and tile_mass_max from a tile on
};

/// The same from the curves that a trace stores for every row: 64 points, interpolated. For heads
/// whose tiles are not in memory; all it says is approximate.
class CurveTuner {
 public:
  static constexpr std::size_t kPoints = 64;
  /// curves: a sequence with curve_threshold and curve_mass (TraceFile::read_curves).
  CurveTuner(const core::Problem& problem, std::span<const std::int64_t> q_blocks,
             std::span<const std::uint8_t> held, std::span<const float> thresholds,
             std::span<const float> masses);

  /// Bounds on lost over kept mass [rows] under thresholds `tau` [rows], which evaluate() then
  /// scales by the mass that other thresholds lose. What comes of it is a guess at a bound.
  void set_certificates(std::span<const float> certificates, std::span<const float> tau);

  std::int64_t rows() const noexcept { return static_cast<std::int64_t>(counts_.size()); }
  std::int64_t checked_rows() const;
  float tau_keeping(std::int64_t row, std::int64_t k) const;
  float tau_for_density(std::int64_t row, double density) const;
  float tau_for_mass(std::int64_t row, double mass) const;
  analysis::Tuning evaluate(std::span<const float> tau) const;

 private:
  struct Count {
    std::int64_t off_diagonal = 0, diagonal = 0, valid_rows = 0;
    bool checked = false;
  };
  float threshold(std::int64_t row, std::size_t point) const;
  double mass(std::int64_t row, std::size_t point) const;
  double share_of(std::int64_t row, float tau) const;
  float tau_of(std::int64_t row, double share) const;
  double mass_of(std::int64_t row, double share) const;
  double lost_under(std::int64_t row, float tau) const;

  std::vector<Count> counts_;
  std::span<const float> thresholds_, masses_;
  /// How far the bound on a row's lost mass lies above the mean loss; NaN where that is not known.
  /// Empty: nothing is known.
  std::vector<double> bound_over_loss_;
};

}  // namespace bsfa::gui
