// SPDX-License-Identifier: Apache-2.0
#include "core/thresholds.h"

#include <limits>

#include <catch2/catch.hpp>

#include "core/error.h"

namespace bsfa::core {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

Problem two_heads() {
  Problem p;
  p.heads = 2;
  p.q_len = p.kv_len = 512;
  p.head_dim = 64;
  return with_default_scale(p);
}

TEST_CASE("thresholds that fit are accepted, infinite ones too") {
  CHECK_NOTHROW(validate({2, 3, {128, 64}, {0, 1, 2, -kInf, kInf, 5}}, two_heads()));
  CHECK_NOTHROW(validate(Thresholds::constant(2, {128, 64}, kInf), two_heads()));
}

TEST_CASE("thresholds made for other tiles are refused") {
  CHECK_THROWS_WITH(validate(Thresholds::constant(2, {64, 64}, 0), two_heads()),
                    "thresholds made for 64x64 tiles cannot gate 128x64 tiles");
}

TEST_CASE("thresholds of another number of heads are refused") {
  CHECK_THROWS_WITH(validate(Thresholds::constant(4, {128, 64}, 0), two_heads()),
                    "thresholds are for 4 heads, the problem has 2");
}

TEST_CASE("thresholds whose values do not match their shape are refused") {
  CHECK_THROWS_AS(validate({2, 3, {128, 64}, {0, 1, 2, 3, 4}}, two_heads()), InvalidProblem);
  CHECK_THROWS_AS(validate({2, 0, {128, 64}, {}}, two_heads()), InvalidProblem);
}

TEST_CASE("a NaN threshold is refused with its head and block") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH(validate({2, 3, {128, 64}, {0, 1, 2, 3, nan, 5}}, two_heads()),
                    "threshold of head 1, block 1 is NaN");
}

TEST_CASE("only thresholds that are all -inf keep everything") {
  CHECK(Thresholds::constant(2, {128, 64}, -kInf).keeps_all());
  CHECK_FALSE(Thresholds{2, 1, {128, 64}, {-kInf, -1e38F}}.keeps_all());
}

TEST_CASE("a table's selection holds the values of that k and layer") {
  ThresholdTable table;
  table.k_values = {8, 16};
  table.layers = {0, 4, 5};
  table.heads = 2;
  table.blocks = 4;
  table.gate = {64, 64};
  for (int i = 0; i < 2 * 3 * 2 * 4; ++i) table.values.push_back(static_cast<float>(i));
  const Thresholds chosen = table.select(1, 2);
  CHECK(chosen.heads == 2);
  CHECK(chosen.blocks == 4);
  CHECK(chosen.gate == GateShape{64, 64});
  for (std::int64_t head = 0; head < 2; ++head) {
    for (std::int64_t block = 0; block < 4; ++block) {
      CHECK(chosen.at(head, block) == static_cast<float>(((1 * 3 + 2) * 2 + head) * 4 + block));
      CHECK(table.values[table.index(1, 2, head, block)] == chosen.at(head, block));
    }
  }
}

}  // namespace
}  // namespace bsfa::core
