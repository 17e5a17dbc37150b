// SPDX-License-Identifier: Apache-2.0
#include "analysis/density_thresholds.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "analysis/calibration.h"
#include "core/error.h"
#include "core/mask.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

/// The off-diagonal maxima of one head and position in every batch entry, each largest first.
using Maxima = std::vector<std::vector<double>>;
/// τ of one head and position for every setting.
using Choose = std::function<std::vector<float>(const Maxima& maxima)>;

Maxima off_diagonal_of(const core::Problem& p, const core::TileGeometry& geometry,
                       std::span<const float> tile_max, std::int64_t head, std::int64_t m) {
  Maxima maxima(static_cast<std::size_t>(p.batch));
  for (std::int64_t batch = 0; batch < p.batch; ++batch) {
    auto& values = maxima[static_cast<std::size_t>(batch)];
    const std::int64_t row = (batch * p.heads + head) * geometry.q_blocks() + m;
    const float* tiles = tile_max.data() + row * geometry.k_blocks();
    for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
      if (geometry.place(m, n) != core::TilePlace::kOffDiagonal) continue;
      if (!std::isfinite(tiles[n])) {
        throw core::InvalidProblem(fmt::format(
            "head {}, Q block {}: a tile_max is {}, which gives no threshold", head, m, tiles[n]));
      }
      values.push_back(static_cast<double>(tiles[n]));
    }
    std::sort(values.begin(), values.end(), std::greater<>());
  }
  return maxima;
}

std::vector<double> pooled(const Maxima& maxima) {
  std::vector<double> values;
  for (const auto& entry : maxima) values.insert(values.end(), entry.begin(), entry.end());
  std::sort(values.begin(), values.end(), std::greater<>());
  return values;
}

/// The mean over batch entries; equal infinities stay what they are.
std::vector<float> mean_thresholds(const Maxima& maxima, std::span<const std::int64_t> k_values) {
  std::vector<double> sums(k_values.size(), 0.0);
  for (const auto& largest_first : maxima) {
    const auto tau = thresholds_for(largest_first, k_values);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(tau[i]);
  }
  std::vector<float> means;
  means.reserve(sums.size());
  for (const double sum : sums) {
    means.push_back(static_cast<float>(sum / static_cast<double>(maxima.size())));
  }
  return means;
}

std::vector<core::Thresholds> tables(const core::Problem& problem, std::span<const float> tile_max,
                                     std::size_t settings, const Choose& choose) {
  const core::TileGeometry geometry(problem);
  const std::int64_t last = geometry.position(geometry.q_blocks() - 1) / problem.gate.q_block;
  core::Thresholds empty{problem.heads, last + 1, problem.gate, {}};
  empty.tau.assign(static_cast<std::size_t>(problem.heads * empty.blocks), -kInf);
  std::vector<core::Thresholds> result(settings, empty);
  for (std::int64_t head = 0; head < problem.heads; ++head) {
    for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
      const auto tau = choose(off_diagonal_of(problem, geometry, tile_max, head, m));
      const std::int64_t block = geometry.threshold_index(m, empty.blocks);
      const auto at = static_cast<std::size_t>(head * empty.blocks + block);
      for (std::size_t i = 0; i < settings; ++i) result[i].tau[at] = tau[i];
    }
  }
  return result;
}

float finite_above(double largest) {
  const auto value = static_cast<float>(largest);
  return std::max(value + 1.0F, std::nextafter(value, kInf));
}

float finite_below(double least) {
  const auto value = static_cast<float>(least);
  return std::min(value - 1.0F, std::nextafter(value, -kInf));
}

std::vector<float> keeping_shares(const std::vector<double>& largest_first,
                                  std::span<const double> shares) {
  const auto count = static_cast<std::int64_t>(largest_first.size());
  if (count == 0) return std::vector<float>(shares.size(), 0.0F);
  std::vector<std::int64_t> k_values;
  for (const double share : shares) {
    k_values.push_back(
        static_cast<std::int64_t>(std::floor(static_cast<double>(count) * share + 0.5)));
  }
  auto tau = thresholds_for(largest_first, k_values);
  for (std::size_t i = 0; i < tau.size(); ++i) {
    const auto k = static_cast<std::size_t>(k_values[i]);
    if (k == 0) {
      tau[i] = finite_above(largest_first.front());
    } else if (k == largest_first.size()) {
      tau[i] = finite_below(largest_first.back());
    } else if (static_cast<double>(tau[i]) <= largest_first[k]) {
      // Neighbours in fp32 have no value between them; the kept one itself separates them.
      tau[i] = static_cast<float>(largest_first[k - 1]);
    }
  }
  return tau;
}

}  // namespace

std::vector<core::Thresholds> thresholds_keeping_shares(const core::Problem& problem,
                                                        std::span<const float> tile_max,
                                                        std::span<const double> shares) {
  for (const double share : shares) {
    if (share >= 0.0 && share <= 1.0) continue;
    throw core::InvalidProblem(fmt::format("a share of {} to keep is not between 0 and 1", share));
  }
  return tables(problem, tile_max, shares.size(),
                [&](const Maxima& maxima) { return keeping_shares(pooled(maxima), shares); });
}

std::vector<core::Thresholds> thresholds_keeping_tiles(const core::Problem& problem,
                                                       std::span<const float> tile_max,
                                                       std::span<const std::int64_t> k_values) {
  return tables(problem, tile_max, k_values.size(),
                [&](const Maxima& maxima) { return mean_thresholds(maxima, k_values); });
}

std::optional<double> kept_share(const core::Problem& problem, std::span<const std::uint8_t> mask) {
  const core::TileGeometry geometry(problem);
  std::int64_t kept = 0;
  std::int64_t off_diagonal = 0;
  for (std::int64_t row = 0; row < problem.batch * problem.heads * geometry.q_blocks(); ++row) {
    const std::int64_t m = row % geometry.q_blocks();
    const std::uint8_t* codes = mask.data() + row * geometry.k_blocks();
    for (std::int64_t n = 0; n < geometry.visible_k_blocks(m); ++n) {
      if (geometry.place(m, n) != core::TilePlace::kOffDiagonal) continue;
      ++off_diagonal;
      kept += core::takes_part(static_cast<core::TileCode>(codes[n])) ? 1 : 0;
    }
  }
  if (off_diagonal == 0) return std::nullopt;
  return static_cast<double>(kept) / static_cast<double>(off_diagonal);
}

}  // namespace bsfa::analysis
