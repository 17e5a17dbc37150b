// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "analysis/curve.h"
#include "core/error.h"
#include "core/mask.h"
#include "core/random.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// One head in tiles of 2 x 2 whose last Q block has `off_diagonal` off-diagonal tiles.
core::Problem problem_of(std::int64_t off_diagonal) {
  core::Problem problem;
  problem.q_len = problem.kv_len = 2 * (off_diagonal + 1);
  problem.gate = {2, 2};
  return problem;
}

core::BlockStatistics block_of(std::vector<double> tile_max, std::vector<float> mass) {
  core::BlockStatistics block;
  block.item.q_block = static_cast<std::int64_t>(tile_max.size()) - 1;
  block.rows = 2;
  block.tile_max = std::move(tile_max);
  block.tile_mass = std::move(mass);
  return block;
}

}  // namespace

TEST_CASE("a curve of 63 tiles gives each tile one point, and its ends are exact") {
  std::vector<double> tile_max;
  std::vector<float> mass;
  for (int i = 0; i < 63; ++i) {
    tile_max.push_back((i * 20) % 63);  // every value 0 .. 62 once
    mass.push_back(0x1p-7F);
  }
  tile_max.push_back(1000.0);  // the diagonal tile
  mass.push_back(1.0F - 63 * 0x1p-7F);
  const KeptShareCurve curve = kept_share_curve(problem_of(63), block_of(tile_max, mass));
  CHECK(curve.threshold[0] == kInf);
  CHECK(curve.mass[0] == 1.0F - 63 * 0x1p-7F);
  CHECK(curve.threshold[1] == 62.0F);
  CHECK(curve.mass[1] == 1.0F - 62 * 0x1p-7F);
  CHECK(curve.threshold[63] == 0.0F);
  CHECK(curve.mass[63] == 1.0F);
}

TEST_CASE("a curve falls in threshold, rises in mass, and keeps what it says") {
  const auto count = GENERATE(1, 2, 5, 62, 64, 200, 1000);
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(count, seed);
  core::SplitMix64 random(seed);
  std::vector<double> tile_max;
  std::vector<float> mass;
  for (int i = 0; i <= count; ++i) {
    tile_max.push_back(std::floor(random.uniform() * 40.0) / 3.0);  // with equal values
    mass.push_back(static_cast<float>(random.uniform() / (count + 1)));
  }
  const KeptShareCurve curve = kept_share_curve(problem_of(count), block_of(tile_max, mass));
  for (std::size_t j = 0; j < KeptShareCurve::kPoints; ++j) {
    if (j > 0) {
      CHECK(curve.threshold[j] <= curve.threshold[j - 1]);
      CHECK(curve.mass[j] >= curve.mass[j - 1]);
    }
    std::size_t kept = 0, kept_above = 0;
    const float above = std::nextafter(curve.threshold[j], kInf);
    for (int i = 0; i < count; ++i) {
      const double value = tile_max[static_cast<std::size_t>(i)];
      kept += core::gate_keeps(value, curve.threshold[j]) ? 1U : 0U;
      kept_above += core::gate_keeps(value, above) ? 1U : 0U;
    }
    CHECK(kept * 63 >= j * static_cast<std::size_t>(count));
    if (j > 0) CHECK(kept_above * 63 < j * static_cast<std::size_t>(count));
  }
  CHECK(curve.mass[63] == 1.0F);
}

TEST_CASE("a block without off-diagonal tiles has mass 1 throughout") {
  const KeptShareCurve curve = kept_share_curve(problem_of(0), block_of({3.0}, {1.0F}));
  for (std::size_t j = 0; j < KeptShareCurve::kPoints; ++j) {
    CHECK(curve.mass[j] == 1.0F);
    CHECK(curve.threshold[j] == kInf);
  }
}

TEST_CASE("equal maxima are kept together") {
  const KeptShareCurve curve =
      kept_share_curve(problem_of(3), block_of({2.0, 2.0, 2.0, 9.0}, {0.25F, 0.25F, 0.25F, 0.25F}));
  CHECK(curve.mass[0] == 0.25F);
  CHECK(curve.threshold[1] == 2.0F);
  CHECK(curve.mass[1] == 1.0F);
}

TEST_CASE("NaN is kept by every threshold, infinities by the ends of the scale") {
  constexpr double kInfD = std::numeric_limits<double>::infinity();
  const KeptShareCurve curve = kept_share_curve(
      problem_of(3), block_of({-kInfD, kNan, kInfD, 0.0}, {0.125F, 0.25F, 0.5F, 0.125F}));
  CHECK(curve.threshold[21] == kInf);  // one of three: the NaN tile
  CHECK(curve.mass[0] == 0.375F);
  CHECK(curve.threshold[42] == std::numeric_limits<float>::max());
  CHECK(curve.mass[42] == 0.875F);
  CHECK(curve.threshold[63] == -kInf);
  CHECK(curve.mass[63] == 1.0F);
}

TEST_CASE("a threshold never rounds above the maximum that it keeps") {
  const double value = GENERATE(as<double>{}, 0.1, -0.1, 1.0 + 0x1p-40, -1e-60, 1e-60, 1e300);
  const KeptShareCurve curve =
      kept_share_curve(problem_of(1), block_of({value, 0.0}, {0.5F, 0.5F}));
  CHECK(core::gate_keeps(value, curve.threshold[63]));
  CHECK_FALSE(core::gate_keeps(value, std::nextafter(curve.threshold[63], kInf)));
}

TEST_CASE("a curve needs the masses") {
  CHECK_THROWS_AS(kept_share_curve(problem_of(1), block_of({1.0, 2.0}, {})), core::InvalidProblem);
}

}  // namespace bsfa::analysis
