// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "analysis/density_thresholds.h"
#include "core/error.h"
#include "core/mask.h"
#include "core/random.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

core::Problem problem_of(std::int64_t q_len, std::int64_t kv_len, bool causal = true) {
  core::Problem p;
  p.batch = 1;
  p.heads = p.kv_heads = 2;
  p.q_len = q_len;
  p.kv_len = kv_len;
  p.head_dim = 64;
  p.causal = causal;
  return core::with_default_scale(p);
}

/// Different values everywhere, NaN where a tile is not off-diagonal: those must not be looked at.
std::vector<float> random_tile_max(const core::Problem& p, std::uint64_t seed) {
  const core::TileGeometry geometry(p);
  core::SplitMix64 random(seed);
  std::vector<float> values;
  for (std::int64_t row = 0; row < p.batch * p.heads * geometry.q_blocks(); ++row) {
    for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
      const bool gated =
          geometry.place(row % geometry.q_blocks(), n) == core::TilePlace::kOffDiagonal;
      values.push_back(gated ? static_cast<float>(random.uniform() * 20.0 - 10.0) : NAN);
    }
  }
  return values;
}

std::vector<std::uint8_t> mask_of(const core::Problem& p, const std::vector<float>& tile_max,
                                  const core::Thresholds& thresholds) {
  const core::TileGeometry geometry(p);
  std::vector<std::uint8_t> mask;
  for (std::size_t i = 0; i < tile_max.size(); ++i) {
    const auto tile = static_cast<std::int64_t>(i);
    const std::int64_t n = tile % geometry.k_blocks();
    const std::int64_t m = tile / geometry.k_blocks() % geometry.q_blocks();
    const std::int64_t head = tile / geometry.k_blocks() / geometry.q_blocks() % p.heads;
    const float tau = thresholds.at(head, geometry.threshold_index(m, thresholds.blocks));
    core::TileCode code = core::TileCode::kOutside;
    if (geometry.place(m, n) == core::TilePlace::kDiagonal) code = core::TileCode::kDiagonal;
    if (geometry.place(m, n) == core::TilePlace::kOffDiagonal) {
      code = core::gate_keeps(tile_max[i], tau) ? core::TileCode::kKept : core::TileCode::kSkipped;
    }
    mask.push_back(static_cast<std::uint8_t>(code));
  }
  return mask;
}

std::int64_t kept_in_row(const core::Problem& p, const std::vector<std::uint8_t>& mask,
                         std::int64_t row) {
  const core::TileGeometry geometry(p);
  const auto first = mask.begin() + row * geometry.k_blocks();
  return std::count(first, first + geometry.k_blocks(), 2);
}

}  // namespace

TEST_CASE("every Q block keeps its share of tiles exactly, a half rounded up") {
  const bool causal = GENERATE(true, false);
  const auto p = causal ? problem_of(1000, 1500) : problem_of(700, 1500, false);
  const auto tile_max = random_tile_max(p, 3);
  const std::vector<double> shares{1.0, 0.5, 0.25, 0.125, 0.0};
  const auto tables = thresholds_keeping_shares(p, tile_max, shares);
  const core::TileGeometry geometry(p);
  REQUIRE(tables.size() == shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    core::validate(tables[i], p);
    const auto mask = mask_of(p, tile_max, tables[i]);
    std::int64_t kept = 0, of = 0;
    for (std::int64_t row = 0; row < p.heads * geometry.q_blocks(); ++row) {
      const std::int64_t count = geometry.off_diagonal_count(row % geometry.q_blocks());
      const auto expected =
          static_cast<std::int64_t>(std::floor(static_cast<double>(count) * shares[i] + 0.5));
      CAPTURE(causal, shares[i], row);
      CHECK(kept_in_row(p, mask, row) == expected);
      kept += expected;
      of += count;
    }
    CHECK(kept_share(p, mask) == static_cast<double>(kept) / static_cast<double>(of));
    CHECK(std::all_of(tables[i].tau.begin() + tables[i].blocks - 2, tables[i].tau.end(),
                      [](float tau) { return std::isfinite(tau) || tau == -kInf; }));
  }
}

TEST_CASE("all and nothing are finite thresholds, so that the gate still works") {
  const auto p = problem_of(1024, 1024);
  const std::vector<double> shares{1.0, 0.0};
  const auto tables = thresholds_keeping_shares(p, random_tile_max(p, 4), shares);
  for (const auto& table : tables) {
    CHECK_FALSE(table.keeps_all());
    CHECK(
        std::all_of(table.tau.begin(), table.tau.end(), [](float t) { return std::isfinite(t); }));
  }
}

TEST_CASE("neighbours in fp32 are separated, equal maxima are kept together") {
  const auto p = problem_of(256, 256);
  std::vector<float> tile_max(2 * 2 * 4, NAN);
  const float low = 1.0F, high = std::nextafter(1.0F, 2.0F);
  // Q block 1 of each head has two off-diagonal tiles.
  for (const std::size_t row : {4U, 12U}) {
    tile_max[row] = low;
    tile_max[row + 1] = row == 4U ? high : low;
  }
  const std::vector<double> half{0.5};
  const auto table = thresholds_keeping_shares(p, tile_max, half).front();
  const auto mask = mask_of(p, tile_max, table);
  CHECK(kept_in_row(p, mask, 1) == 1);
  CHECK(kept_in_row(p, mask, 3) == 2);
}

TEST_CASE("batch entries share a table and are counted together") {
  auto p = problem_of(1024, 1024);
  p.batch = 3;
  const auto tile_max = random_tile_max(p, 5);
  const std::vector<double> half{0.5};
  const auto table = thresholds_keeping_shares(p, tile_max, half).front();
  CHECK(table.tau.size() == 16);
  CHECK(kept_share(p, mask_of(p, tile_max, table)) == Approx(0.5).margin(0.01));
}

TEST_CASE("k tiles a Q block are what calibration on this problem gives") {
  const auto p = problem_of(1024, 1024);
  const auto tile_max = random_tile_max(p, 6);
  const std::vector<std::int64_t> k_values{0, 3, 99};
  const auto tables = thresholds_keeping_tiles(p, tile_max, k_values);
  CHECK(tables[0].tau == std::vector<float>(16, kInf));
  CHECK(tables[2].keeps_all());
  const auto mask = mask_of(p, tile_max, tables[1]);
  for (std::int64_t row = 0; row < 16; ++row) {
    CHECK(kept_in_row(p, mask, row) == std::min<std::int64_t>(3, 2 * (row % 8)));
  }
}

TEST_CASE("k tiles a Q block are kept of every batch entry: thresholds are the entries' mean") {
  core::Problem p = problem_of(700, 900);
  p.batch = 3;
  const auto tile_max = random_tile_max(p, 12);
  const std::vector<std::int64_t> k_values = {0, 2, 5};
  const auto together = thresholds_keeping_tiles(p, tile_max, k_values);
  core::Problem entry = p;
  entry.batch = 1;
  const auto size = static_cast<std::ptrdiff_t>(tile_max.size() / 3);
  std::vector<std::vector<core::Thresholds>> apart;
  for (std::ptrdiff_t b = 0; b < 3; ++b) {
    const std::vector<float> own(tile_max.begin() + b * size, tile_max.begin() + (b + 1) * size);
    apart.push_back(thresholds_keeping_tiles(entry, own, k_values));
  }
  for (std::size_t k = 0; k < k_values.size(); ++k) {
    for (std::size_t i = 0; i < together[k].tau.size(); ++i) {
      const double mean =
          (static_cast<double>(apart[0][k].tau[i]) + static_cast<double>(apart[1][k].tau[i]) +
           static_cast<double>(apart[2][k].tau[i])) /
          3.0;
      CHECK(together[k].tau[i] == static_cast<float>(mean));
    }
  }
}

TEST_CASE("a tile_max that is not finite is refused with its place, so is a share beyond all") {
  const auto p = problem_of(512, 512);
  auto tile_max = random_tile_max(p, 7);
  // Head 1, Q block 3, K block 2 of 8.
  tile_max[static_cast<std::size_t>((4 + 3) * 8 + 2)] = GENERATE(NAN, kInf, -kInf);
  const std::vector<double> half{0.5}, beyond{1.5}, nan{std::nan("")};
  CHECK_THROWS_WITH(thresholds_keeping_shares(p, tile_max, half),
                    Catch::Contains("head 1, Q block 3"));
  CHECK_THROWS_AS(thresholds_keeping_shares(p, tile_max, beyond), core::InvalidProblem);
  CHECK_THROWS_AS(thresholds_keeping_shares(p, tile_max, nan), core::InvalidProblem);
}

TEST_CASE("a problem without off-diagonal tiles has no share that is kept") {
  const auto p = problem_of(100, 100);
  const auto tile_max = random_tile_max(p, 8);
  const std::vector<double> half{0.5};
  const auto table = thresholds_keeping_shares(p, tile_max, half).front();
  CHECK(kept_share(p, mask_of(p, tile_max, table)) == std::nullopt);
}

}  // namespace bsfa::analysis
