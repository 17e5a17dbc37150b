// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "analysis/density_thresholds.h"
#include "analysis/load_thresholds.h"
#include "core/error.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

/// Two heads of 512 tokens: Q blocks with 0, 2, 4 and 6 off-diagonal tiles.
core::Problem small_problem() {
  core::Problem p;
  p.heads = p.kv_heads = 2;
  p.q_len = p.kv_len = 512;
  p.head_dim = 64;
  return core::with_default_scale(p);
}

/// 1, 2, 3, ... in off-diagonal tiles, NaN in the others: those must not be looked at.
std::vector<float> counting_up(const core::Problem& p) {
  const core::TileGeometry geometry(p);
  std::vector<float> values;
  float next = 1.0F;
  for (std::int64_t row = 0; row < p.heads * geometry.q_blocks(); ++row) {
    for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
      const auto place = geometry.place(row % geometry.q_blocks(), n);
      values.push_back(place == core::TilePlace::kOffDiagonal ? next++ : NAN);
    }
  }
  return values;
}

}  // namespace

TEST_CASE("one threshold keeps as many tiles in all as it is told to") {
  const auto p = small_problem();
  const auto tile_max = counting_up(p);
  // 16 of 24 in all: the values 9 .. 24.
  const auto one = one_threshold_keeping(p, tile_max, 16);
  CHECK(one.at(0, 0) == 8.5F);
  CHECK(one.at(1, one.blocks - 1) == 8.5F);
  for (std::int64_t kept = 0; kept <= 24; ++kept) {
    CHECK(tiles_kept(p, tile_max, one_threshold_keeping(p, tile_max, kept)) == kept);
  }
}

TEST_CASE("one threshold keeps all where it is told to keep all there are, and none for none") {
  const auto p = small_problem();
  const auto tile_max = counting_up(p);
  CHECK(one_threshold_keeping(p, tile_max, 24).keeps_all());
  CHECK_FALSE(one_threshold_keeping(p, tile_max, 23).keeps_all());
  CHECK(one_threshold_keeping(p, tile_max, 0).at(0, 0) == kInf);
}

TEST_CASE("between neighbours in fp32 the kept one itself is the threshold") {
  const auto p = small_problem();
  auto tile_max = counting_up(p);
  for (float& value : tile_max) {
    if (value == 8.0F) value = std::nextafter(9.0F, 0.0F);
  }
  CHECK(one_threshold_keeping(p, tile_max, 16).at(0, 0) == 9.0F);
}

TEST_CASE("tiles are counted under each head's own threshold") {
  const auto p = small_problem();
  const auto tile_max = counting_up(p);
  auto thresholds = core::Thresholds::constant(p.heads, p.gate, -kInf);
  CHECK(tiles_kept(p, tile_max, thresholds) == 24);
  for (std::int64_t block = 0; block < thresholds.blocks; ++block) {
    thresholds.tau[static_cast<std::size_t>(thresholds.blocks + block)] = kInf;
  }
  CHECK(tiles_kept(p, tile_max, thresholds) == 12);
}

TEST_CASE("the k that keeps as many in all is as near as a k can be") {
  const auto p = small_problem();
  // In all k = 0 .. 6 keep these.
  const std::vector<std::int64_t> in_all = {0, 6, 12, 16, 20, 22, 24};
  for (std::int64_t kept = 0; kept <= 30; ++kept) {
    const auto k = static_cast<std::size_t>(k_keeping(p, kept));
    REQUIRE(k < in_all.size());
    for (const std::int64_t other : in_all) {
      CAPTURE(kept, k, other);
      CHECK(std::abs(in_all[k] - kept) <= std::abs(other - kept));
    }
  }
}

TEST_CASE("k counts every batch entry, and is 0 where there is no tile to decide") {
  auto p = small_problem();
  p.batch = 3;
  CHECK(k_keeping(p, 3 * 16) == 3);
  p.q_len = p.kv_len = 128;
  CHECK(k_keeping(p, 5) == 0);
}

TEST_CASE("a head that keeps all among heads that keep few makes a k of its own") {
  const auto p = small_problem();
  const auto tile_max = counting_up(p);
  auto planted = core::Thresholds::constant(p.heads, p.gate, -kInf);
  for (std::int64_t block = 0; block < planted.blocks; ++block) {
    planted.tau[static_cast<std::size_t>(block)] = kInf;
  }
  const std::int64_t kept = tiles_kept(p, tile_max, planted);
  CHECK(kept == 12);
  const std::int64_t k = k_keeping(p, kept);
  const auto fixed = thresholds_keeping_tiles(p, tile_max, std::vector<std::int64_t>{k}).front();
  CHECK(tiles_kept(p, tile_max, fixed) == kept);
}

TEST_CASE("scores that give no threshold are refused by name") {
  const auto p = small_problem();
  auto tile_max = counting_up(p);
  for (float& value : tile_max) {
    if (value == 1.0F) value = NAN;
  }
  CHECK_THROWS_WITH(one_threshold_keeping(p, tile_max, 16), Catch::Contains("head 0, Q block 1"));
  CHECK_THROWS_AS(one_threshold_keeping(p, counting_up(p), -1), core::InvalidProblem);
  CHECK_THROWS_AS(k_keeping(p, -1), core::InvalidProblem);
}

}  // namespace bsfa::analysis
