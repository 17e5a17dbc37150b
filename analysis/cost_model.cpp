// SPDX-License-Identifier: Apache-2.0
#include "analysis/cost_model.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "analysis/robust.h"
#include "analysis/work_records.h"

// Columns are centred, which takes the intercept out of the equations, and made orthogonal:
//   y - mean(y) = β·s + γ·k,   s, k centred,   k = r·s/|s| + k'   with k' orthogonal to s
// so γ = k'·y/|k'|², β = (s·y/|s| - r·γ)/|s|, a = mean(y) - β·mean(seen) - γ·mean(kept).
namespace bsfa::analysis {
namespace {

/// A column whose part orthogonal to the others is below this share of it says nothing new. Counts
/// are integers and carry 1e-16 of rounding, so what is left of a dependent column is far below.
constexpr double kDependent = 1e-7;
/// Rounding that a sum which ought to vanish may show.
constexpr double kVanishes = 1e-9;

using Column = std::vector<double>;

double dot(const Column& a, const Column& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

struct Centred {
  Column values;
  double mean = 0.0;
  double norm = 0.0;
};

template <typename Value>
Centred centred(std::span<const core::WorkRecord> records, const Value& value) {
  Centred column;
  for (const auto& record : records) column.values.push_back(value(record));
  column.mean = std::accumulate(column.values.begin(), column.values.end(), 0.0) /
                static_cast<double>(records.size());
  const bool constant = std::adjacent_find(column.values.begin(), column.values.end(),
                                           std::not_equal_to<>()) == column.values.end();
  // The mean of equal numbers may be rounded, and a constant column must be exactly 0.
  if (constant) column.mean = column.values.front();
  for (double& x : column.values) x -= column.mean;
  column.norm = std::sqrt(dot(column.values, column.values));
  return column;
}

class Fit {
 public:
  explicit Fit(std::span<const core::WorkRecord> records)
      : records_(records),
        time_(centred(records, [](const auto& r) { return duration_ns(r); })),
        seen_(centred(records, [](const auto& r) { return static_cast<double>(r.tiles_seen); })),
        kept_(centred(records, [](const auto& r) { return static_cast<double>(r.tiles_kept); })) {
    model_.items = static_cast<std::int64_t>(records.size());
  }

  CostModel fit() {
    orthogonalise();
    solve();
    find_undetermined();
    measure_residuals();
    name_coefficients();
    return std::move(model_);
  }

 private:
  void orthogonalise() {
    rest_ = kept_.values;
    if (seen_.norm > 0.0) {
      // Twice: the second pass removes what rounding left in the first.
      for (int pass = 0; pass < 2; ++pass) {
        const double along = dot(seen_.values, rest_) / seen_.norm;
        shared_ += along;
        for (std::size_t i = 0; i < rest_.size(); ++i) {
          rest_[i] -= along * seen_.values[i] / seen_.norm;
        }
      }
    }
    rest_norm_ = std::sqrt(dot(rest_, rest_));
    if (rest_norm_ <= kDependent * kept_.norm) rest_norm_ = 0.0;
  }

  void solve() {
    auto& [a, b, c] = model_.fitted;
    if (rest_norm_ > 0.0) c = dot(rest_, time_.values) / (rest_norm_ * rest_norm_);
    if (seen_.norm > 0.0)
      b = (dot(seen_.values, time_.values) / seen_.norm - shared_ * c) / seen_.norm;
    a = time_.mean - b * seen_.mean - c * kept_.mean;
    rank_ = 1 + (seen_.norm > 0.0 ? 1 : 0) + (rest_norm_ > 0.0 ? 1 : 0);
  }

  void find_undetermined() {
    if (!(seen_.norm > 0.0)) model_.undetermined.push_back({seen_.mean, -1.0, 0.0});
    if (rest_norm_ > 0.0) return;
    const double slope = seen_.norm > 0.0 ? shared_ / seen_.norm : 0.0;
    double offset = kept_.mean - slope * seen_.mean;
    if (std::abs(offset) <= kVanishes * kept_.mean) offset = 0.0;
    model_.undetermined.push_back({offset, slope, -1.0});
    if (slope != 0.0) model_.kept_per_seen = slope;
  }

  double predicted(const core::WorkRecord& r) const {
    return model_.fitted[0] + model_.fitted[1] * static_cast<double>(r.tiles_seen) +
           model_.fitted[2] * static_cast<double>(r.tiles_kept);
  }

  void measure_residuals() {
    Column residuals;
    // Centred values lose less to rounding than times and counts themselves.
    for (std::size_t i = 0; i < records_.size(); ++i) {
      residuals.push_back(time_.values[i] - model_.fitted[1] * seen_.values[i] -
                          model_.fitted[2] * kept_.values[i]);
    }
    const double squares = dot(residuals, residuals);
    const auto freedom = model_.items - rank_;
    if (freedom > 0) {
      variance_ = squares / static_cast<double>(freedom);
      if (time_.norm > 0.0) model_.r_squared = 1.0 - squares / (time_.norm * time_.norm);
    }
    const double middle = median(residuals);
    model_.residual_ns = robust_deviation(residuals, middle);
    const double unit = std::max(model_.residual_ns, kClockTickNs);
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const double deviations = (residuals[i] - middle) / unit;
      if (std::abs(deviations) <= kOutlierDeviations) continue;
      model_.outliers.push_back(
          {records_[i], duration_ns(records_[i]), predicted(records_[i]), deviations});
    }
    std::stable_sort(model_.outliers.begin(), model_.outliers.end(),
                     [](const CostOutlier& a, const CostOutlier& b) {
                       return std::abs(a.deviations) > std::abs(b.deviations);
                     });
  }

  /// The standard error of a coefficient from the variances of its orthogonal parts.
  Coefficient coefficient(double value, double variances) const {
    if (!variance_) return {value, std::nullopt};
    return {value, std::sqrt(*variance_ * variances)};
  }

  bool determined(std::size_t which) const {
    return std::none_of(model_.undetermined.begin(), model_.undetermined.end(),
                        [&](const auto& change) { return change[which] != 0.0; });
  }

  void name_coefficients() {
    const auto square = [](double x) { return x * x; };
    const auto [a, b, c] = model_.fitted;
    const double of_seen = seen_.norm > 0.0 ? 1.0 / seen_.norm : 0.0;
    const double of_rest = rest_norm_ > 0.0 ? 1.0 / rest_norm_ : 0.0;
    const double slope = shared_ * of_seen;
    const double b_parts = square(of_seen) + square(slope * of_rest);
    if (determined(0)) {
      model_.per_item_ns =
          coefficient(a, 1.0 / static_cast<double>(model_.items) + square(seen_.mean * of_seen) +
                             square((kept_.mean - seen_.mean * slope) * of_rest));
    }
    if (determined(1)) model_.per_seen_ns = coefficient(b, b_parts);
    if (determined(2)) model_.per_kept_ns = coefficient(c, square(of_rest));
    if (model_.kept_per_seen) model_.together_ns = coefficient(b, b_parts);
  }

  std::span<const core::WorkRecord> records_;
  Centred time_, seen_, kept_;
  Column rest_;             ///< kept, less what seen says of it
  double rest_norm_ = 0.0;  ///< 0 where kept follows from seen
  double shared_ = 0.0;     ///< kept along seen
  int rank_ = 1;
  std::optional<double> variance_;
  CostModel model_;
};

}  // namespace

std::optional<double> CostModel::predict(double count, double seen, double kept) const {
  if (items == 0) return std::nullopt;
  for (const auto& [a, b, c] : undetermined) {
    const double change = a * count + b * seen + c * kept;
    const double size = std::abs(a * count) + std::abs(b * seen) + std::abs(c * kept);
    if (std::abs(change) > kVanishes * size) return std::nullopt;
  }
  return fitted[0] * count + fitted[1] * seen + fitted[2] * kept;
}

CostModel fit_cost_model(std::span<const core::WorkRecord> records) {
  if (records.empty()) return {};
  return Fit(records).fit();
}

}  // namespace bsfa::analysis
