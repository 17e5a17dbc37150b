// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

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

TEST_CASE("one threshold keeps as many tiles in all as k in every Q block do") {
  const auto p = small_problem();
  const auto tile_max = counting_up(p);
  // k = 3 keeps 0 + 2 + 3 + 3 a head, 16 of 24 in all: the values 9 .. 24.
  const auto one = one_threshold_keeping(p, tile_max, 3);
  CHECK(one.at(0, 0) == 8.5F);
  CHECK(one.at(1, one.blocks - 1) == 8.5F);
  CHECK(mean_tiles_kept(p, tile_max, one) == 2);
}

TEST_CASE("one threshold keeps all where no Q block has more than k, and none for k = 0") {
  const auto p = small_problem();
  const auto tile_max = counting_up(p);
  CHECK(one_threshold_keeping(p, tile_max, 6).keeps_all());
  CHECK_FALSE(one_threshold_keeping(p, tile_max, 5).keeps_all());
  const auto none = one_threshold_keeping(p, tile_max, 0);
  CHECK(none.at(0, 0) == kInf);
  CHECK(mean_tiles_kept(p, tile_max, none) == 0);
}

TEST_CASE("between neighbours in fp32 the kept one itself is the threshold") {
  const auto p = small_problem();
  auto tile_max = counting_up(p);
  for (float& value : tile_max) {
    if (value == 8.0F) value = std::nextafter(9.0F, 0.0F);
  }
  CHECK(one_threshold_keeping(p, tile_max, 3).at(0, 0) == 9.0F);
}

TEST_CASE("a mean of kept tiles is over all Q blocks and follows each head's own threshold") {
  const auto p = small_problem();
  const auto tile_max = counting_up(p);
  auto thresholds = core::Thresholds::constant(p.heads, p.gate, -kInf);
  CHECK(mean_tiles_kept(p, tile_max, thresholds) == 3);
  for (std::int64_t block = 0; block < thresholds.blocks; ++block) {
    thresholds.tau[static_cast<std::size_t>(thresholds.blocks + block)] = kInf;
  }
  // 12 of head 0 over 8 Q blocks.
  CHECK(mean_tiles_kept(p, tile_max, thresholds) == 2);
}

TEST_CASE("scores that give no threshold are refused by name") {
  const auto p = small_problem();
  auto tile_max = counting_up(p);
  for (float& value : tile_max) {
    if (value == 1.0F) value = NAN;
  }
  CHECK_THROWS_WITH(one_threshold_keeping(p, tile_max, 3), Catch::Contains("head 0, Q block 1"));
  CHECK_THROWS_AS(one_threshold_keeping(p, counting_up(p), -1), core::InvalidProblem);
}

}  // namespace bsfa::analysis
