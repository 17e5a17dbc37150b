// SPDX-License-Identifier: Apache-2.0
#include "core/tile_geometry.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "core/work.h"

namespace bsfa::core {
namespace {

/// A tile's place, entry by entry: what the definition says, with no arithmetic on blocks.
TilePlace place_by_definition(const Problem& p, std::int64_t m, std::int64_t n) {
  const std::int64_t offset = p.kv_len - p.q_len;
  bool overlaps = false;
  bool visible = false;
  for (std::int64_t row = m * p.gate.q_block; row < std::min((m + 1) * p.gate.q_block, p.q_len);
       ++row) {
    for (std::int64_t column = n * p.gate.k_block;
         column < std::min((n + 1) * p.gate.k_block, p.kv_len); ++column) {
      visible = visible || !p.causal || column <= offset + row;
      // Columns overlap the positions of the block's rows.
      overlaps = overlaps || column == offset + row;
    }
  }
  if (overlaps) return TilePlace::kDiagonal;
  return visible ? TilePlace::kOffDiagonal : TilePlace::kOutside;
}

Problem shape(std::int64_t q_len, std::int64_t kv_len, GateShape gate, bool causal) {
  Problem p;
  p.q_len = q_len;
  p.kv_len = kv_len;
  p.head_dim = 64;
  p.gate = gate;
  p.causal = causal;
  return with_default_scale(p);
}

TEST_CASE("every tile's place follows from its entries") {
  const auto lengths = GENERATE(table<std::int64_t, std::int64_t>({{1, 1},
                                                                   {1, 129},
                                                                   {63, 64},
                                                                   {64, 64},
                                                                   {65, 65},
                                                                   {127, 300},
                                                                   {128, 128},
                                                                   {129, 129},
                                                                   {200, 263},
                                                                   {256, 256},
                                                                   {300, 333}}));
  const auto gate = GENERATE(GateShape{128, 64}, GateShape{64, 64}, GateShape{128, 128});
  const bool causal = GENERATE(true, false);
  const Problem p = shape(std::get<0>(lengths), std::get<1>(lengths), gate, causal);
  CAPTURE(p.q_len, p.kv_len, gate.q_block, gate.k_block, causal);
  const TileGeometry geometry(p);

  for (std::int64_t m = 0; m < geometry.q_blocks(); ++m) {
    std::int64_t off_diagonal = 0;
    for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
      const TilePlace expected = place_by_definition(p, m, n);
      CAPTURE(m, n);
      REQUIRE(geometry.place(m, n) == expected);
      REQUIRE((n < geometry.visible_k_blocks(m)) == (expected != TilePlace::kOutside));
      REQUIRE(geometry.diagonal_k_blocks(m).contains(n) == (expected == TilePlace::kDiagonal));
      off_diagonal += expected == TilePlace::kOffDiagonal ? 1 : 0;
    }
    REQUIRE(geometry.off_diagonal_count(m) == off_diagonal);
    REQUIRE(geometry.diagonal_k_blocks(m).size() >= 1);
  }
}

TEST_CASE("blocks of rows and columns cover the lengths without overlap, the last one short") {
  const TileGeometry geometry(shape(200, 263, {128, 64}, true));
  REQUIRE(geometry.q_blocks() == 2);
  REQUIRE(geometry.k_blocks() == 5);
  CHECK(geometry.q_rows(0) == Range{0, 128});
  CHECK(geometry.q_rows(1) == Range{128, 200});
  CHECK(geometry.k_columns(3) == Range{192, 256});
  CHECK(geometry.k_columns(4) == Range{256, 263});
}

TEST_CASE("query rows stand at the end of the keys and see up to themselves") {
  const TileGeometry causal(shape(200, 263, {128, 64}, true));
  CHECK(causal.row_position(0) == 63);
  CHECK(causal.position(1) == 63 + 128);
  CHECK(causal.visible_columns(0) == 64);
  CHECK(causal.visible_columns(199) == 263);
  const TileGeometry full(shape(200, 263, {128, 64}, false));
  CHECK(full.visible_columns(0) == 263);
}

TEST_CASE("the threshold index is the block of the first row's absolute position, then the last") {
  const TileGeometry geometry(shape(300, 1000, {128, 64}, true));
  // p0 = 700, 828, 956
  CHECK(geometry.threshold_index(0, 100) == 5);
  CHECK(geometry.threshold_index(1, 100) == 6);
  CHECK(geometry.threshold_index(2, 100) == 7);
  CHECK(geometry.threshold_index(2, 6) == 5);
  CHECK(geometry.threshold_index(2, 1) == 0);
}

TEST_CASE("the work items of a problem are all its Q blocks, each once and in order") {
  Problem p = shape(300, 300, {128, 64}, true);
  p.batch = 2;
  p.heads = 3;
  const auto items = all_work_items(p);
  REQUIRE(items.size() == 2 * 3 * 3);
  CHECK(std::is_sorted(items.begin(), items.end()));
  CHECK(std::adjacent_find(items.begin(), items.end()) == items.end());
  CHECK(items.back() == WorkItem{1, 2, 2});
}

}  // namespace
}  // namespace bsfa::core
