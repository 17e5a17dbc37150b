// SPDX-License-Identifier: Apache-2.0
#include "reference/tile_softmax.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "reference/exponential.h"
#include "reference/log_weights.h"

namespace bsfa::reference {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void exponentiate_columns(double* __restrict scores, std::int64_t rows, std::int64_t columns,
                          const double* __restrict reference, double* __restrict sums) {
  std::fill(sums, sums + rows, 0.0);
  for (std::int64_t c = 0; c < columns; ++c, scores += rows) {
    for (std::int64_t r = 0; r < rows; ++r) {
      const double p = exp_of_difference(scores[r] - reference[r]);
      scores[r] = p;
      sums[r] += p;
    }
  }
}

}  // namespace

void exponentiate(ScoreTile& tile, double* row_sum) {
  std::array<double, 128> reference;  // the largest Q block
  for (std::int64_t r = 0; r < tile.rows; ++r) {
    const double max = tile.row_max[r];
    reference[static_cast<std::size_t>(r)] = std::isfinite(max) ? max : 0.0;
  }
  exponentiate_columns(tile.scores, tile.rows, tile.columns.size(), reference.data(), row_sum);
}

TileSums::TileSums(std::int64_t rows, std::int64_t tiles)
    : rows_(rows),
      tiles_(tiles),
      max_(static_cast<std::size_t>(rows * tiles)),
      sum_(static_cast<std::size_t>(rows * tiles)) {}

double* TileSums::add(std::int64_t n, const double* row_max) {
  std::copy(row_max, row_max + rows_, max_.data() + n * rows_);
  return sum_.data() + n * rows_;
}

std::vector<double> TileSums::dense_lse() const {
  LogWeights total(rows_);
  for (std::int64_t n = 0; n < tiles_; ++n) {
    total.add(max_.data() + n * rows_, sum_.data() + n * rows_);
  }
  return total.log_sum();
}

void TileSums::shares(std::int64_t n, const std::vector<double>& lse,
                      std::vector<double>& out) const {
  out.resize(lse.size());
  const double* max = max_.data() + n * rows_;
  const double* sum = sum_.data() + n * rows_;
  for (std::size_t r = 0; r < lse.size(); ++r) {
    const double share = sum[r] * exp_of_difference(max[r] - lse[r]);
    out[r] = std::isnan(lse[r]) ? lse[r] : (lse[r] == -kInfinity ? 0.0 : share);
  }
}

void fill_masses(const TileSums& sums, std::int64_t tiles, core::BlockStatistics& statistics) {
  statistics.dense_lse = sums.dense_lse();
  statistics.tile_mass.assign(statistics.tile_max.size(), 0.0F);
  statistics.tile_mass_max.assign(statistics.tile_max.size(), 0.0F);
  std::vector<double> shares;
  for (std::int64_t n = 0; n < tiles; ++n) {
    sums.shares(n, statistics.dense_lse, shares);
    double total = 0.0;
    double largest = 0.0;
    for (const double share : shares) {
      total += share;
      largest = share > largest || std::isnan(share) ? share : largest;
    }
    const auto tile = static_cast<std::size_t>(n);
    statistics.tile_mass[tile] = static_cast<float>(total / static_cast<double>(statistics.rows));
    statistics.tile_mass_max[tile] = static_cast<float>(largest);
  }
}

}  // namespace bsfa::reference
