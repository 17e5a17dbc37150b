// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "core/mask.h"

namespace bsfa::core {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST_CASE("a tile with NaN is kept under every threshold") {
  for (const float tau : {-kInf, 0.0F, 1e30F, kInf}) CHECK(gate_keeps(kNan, tau));
}

TEST_CASE("a threshold of +inf skips every tile, even one of +inf") {
  for (const float score : {-kInf, 0.0F, 3e38F, kInf}) CHECK_FALSE(gate_keeps(score, kInf));
}

TEST_CASE("a threshold of -inf keeps every tile, even one of -inf") {
  for (const float score : {-kInf, -1e30F, 0.0F, kInf}) CHECK(gate_keeps(score, -kInf));
}

TEST_CASE("a tie is kept and the next smaller score is skipped") {
  for (const float tau : {-3.5F, 0.0F, 2.25F}) {
    CHECK(gate_keeps(tau, tau));
    CHECK_FALSE(gate_keeps(std::nextafter(tau, -kInf), tau));
    CHECK(gate_keeps(static_cast<double>(tau), tau));
    CHECK_FALSE(gate_keeps(std::nextafter(static_cast<double>(tau), -1e9), tau));
  }
}

TEST_CASE("kept and diagonal tiles take part, codes that do not exist do not") {
  CHECK(takes_part(TileCode::kKept));
  CHECK(takes_part(TileCode::kDiagonal));
  CHECK_FALSE(takes_part(TileCode::kSkipped));
  CHECK_FALSE(takes_part(TileCode::kOutside));
  for (int code = 4; code < 256; ++code) CHECK_FALSE(takes_part(static_cast<TileCode>(code)));
}

}  // namespace
}  // namespace bsfa::core
