// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "reference/attention.h"

using namespace bsfa;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
using Codes = std::vector<core::TileCode>;
constexpr auto kOut = core::TileCode::kOutside;
constexpr auto kSkip = core::TileCode::kSkipped;
constexpr auto kKeep = core::TileCode::kKept;
constexpr auto kDiag = core::TileCode::kDiagonal;

core::Problem problem(std::int64_t q_len, std::int64_t kv_len, core::GateShape gate) {
  core::Problem p;
  p.heads = 2;
  p.kv_heads = 1;
  p.q_len = q_len;
  p.kv_len = kv_len;
  p.head_dim = 64;
  p.gate = gate;
  return core::with_default_scale(p);
}

core::BlockStatistics block(core::WorkItem item, std::vector<double> tile_max) {
  core::BlockStatistics s;
  s.item = item;
  s.tile_max = std::move(tile_max);
  return s;
}

}  // namespace

TEST_CASE("a tie is kept, NaN is kept, less is skipped, and the diagonal is not asked") {
  const core::Problem p = problem(320, 320, {64, 64});
  const auto s = block({0, 0, 3}, {1.0, std::nan(""), std::nextafter(1.0, 0.0), -9.0, -9.0});
  const auto at_one = core::Thresholds::constant(2, p.gate, 1.0F);
  REQUIRE(reference::gate(p, s, &at_one) == Codes{kKeep, kKeep, kSkip, kDiag, kOut});
}

TEST_CASE("without thresholds, and with all of them -inf, everything visible is kept") {
  const core::Problem p = problem(256, 256, {128, 64});
  const double lowest = -std::numeric_limits<double>::infinity();
  const auto s = block({0, 1, 1}, {lowest, 0.0, 0.0, 0.0});
  const auto keep_all = core::Thresholds::constant(2, p.gate, -kInfinity);
  REQUIRE(reference::gate(p, s, nullptr) == Codes{kKeep, kKeep, kDiag, kDiag});
  REQUIRE(reference::gate(p, s, &keep_all) == Codes{kKeep, kKeep, kDiag, kDiag});
}

TEST_CASE("a threshold of +inf skips even a tile with +inf, but not one with NaN") {
  const core::Problem p = problem(256, 256, {64, 64});
  const auto s = block({0, 0, 3}, {static_cast<double>(kInfinity), std::nan(""), 1e300, 0.0});
  const auto skip_all = core::Thresholds::constant(2, p.gate, kInfinity);
  REQUIRE(reference::gate(p, s, &skip_all) == Codes{kSkip, kKeep, kSkip, kDiag});
}

TEST_CASE("thresholds belong to a head and to an absolute position, the last one to all beyond") {
  // Positions 128 .. 319: Q blocks stand at position blocks 2, 3 and 4; the table has 0 .. 3.
  const core::Problem p = problem(192, 320, {64, 64});
  const core::Thresholds t{2, 4, p.gate, {9, 9, 9, 9, 9, 9, 0.5F, 1.5F}};
  const std::vector<double> ones(5, 1.0);
  REQUIRE(reference::gate(p, block({0, 1, 0}, ones), &t) == Codes{kKeep, kKeep, kDiag, kOut, kOut});
  REQUIRE(reference::gate(p, block({0, 1, 1}, ones), &t) ==
          Codes{kSkip, kSkip, kSkip, kDiag, kOut});
  REQUIRE(reference::gate(p, block({0, 1, 2}, ones), &t) ==
          Codes{kSkip, kSkip, kSkip, kSkip, kDiag});
  REQUIRE(reference::gate(p, block({0, 0, 0}, ones), &t) == Codes{kSkip, kSkip, kDiag, kOut, kOut});
}

TEST_CASE("without causality tiles right of the diagonal are gated too") {
  core::Problem p = problem(192, 192, {64, 64});
  p.causal = false;
  const auto zero = core::Thresholds::constant(2, p.gate, 0.0F);
  REQUIRE(reference::gate(p, block({0, 0, 0}, {-1.0, 1.0, -1.0}), &zero) ==
          Codes{kDiag, kKeep, kSkip});
}
