// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <catch2/catch.hpp>

#include "core/tile_geometry.h"
#include "tests/kernels/tested.h"
#include "tests/support/half_bits.h"

using namespace bsfa;
using test::deviation;
using test::run_tested;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::size_t size(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

void set_row(std::vector<std::uint16_t>& tensor, const core::Problem& p, std::int64_t row,
             float value) {
  std::fill_n(tensor.begin() + row * p.head_dim, p.head_dim, test::half_bits(value, p.dtype));
}

/// Rows of O that are NaN throughout, and rows that are free of NaN.
struct NanRows {
  NanRows(const core::Problem& p, const kernels::RunResult& result) {
    for (std::size_t row = 0; row < result.lse.size(); ++row) {
      std::int64_t nans = 0;
      for (std::int64_t d = 0; d < p.head_dim; ++d) {
        const double o = test::half_value(result.o[row * size(p.head_dim) + size(d)], p.dtype);
        nans += std::isnan(o) ? 1 : 0;
      }
      all += nans == p.head_dim ? 1 : 0;
      none += nans == 0 ? 1 : 0;
    }
  }
  std::int64_t all = 0, none = 0;
};

}  // namespace

TEST_CASE("a NaN in a query poisons that row alone and keeps its tiles", "[small]") {
  auto inputs = test::gaussian(test::problem(256, 256), 1);
  set_row(inputs.q, inputs.problem, 200, kNan);
  const auto skip_all = core::Thresholds::constant(1, inputs.problem.gate, kInfinity);
  const auto result = run_tested(inputs, &skip_all);
  const NanRows rows(inputs.problem, result);
  CHECK(rows.all == 1);
  CHECK(rows.none == 255);
  CHECK(std::isnan(result.lse[200]));
  CHECK(test::count(result.mask, 2) == 2);
  CHECK(deviation(inputs, &skip_all, result) == "");
}

TEST_CASE("a NaN in a key is kept by the gate and poisons every row that sees it", "[small]") {
  auto inputs = test::gaussian(test::problem(256, 256), 2);
  set_row(inputs.k, inputs.problem, 70, kNan);
  const auto skip_all = core::Thresholds::constant(1, inputs.problem.gate, kInfinity);
  const auto result = run_tested(inputs, &skip_all);
  const NanRows rows(inputs.problem, result);
  CHECK(rows.all == 256 - 70);
  CHECK(rows.none == 70);
  CHECK(test::count(result.mask, 1) == 1);
  CHECK(deviation(inputs, &skip_all, result) == "");
}

TEST_CASE("a score of plus infinity gives NaN, never a finite answer", "[small]") {
  auto inputs = test::gaussian(test::problem(130, 130), 3);
  set_row(inputs.q, inputs.problem, 100, 1.0F);
  set_row(inputs.k, inputs.problem, 50, kInfinity);
  const auto result = run_tested(inputs, nullptr);
  CHECK(std::isnan(result.lse[100]));
  CHECK(result.tile_max[0] != result.tile_max[0]);
  CHECK(deviation(inputs, nullptr, result) == "");
}

TEST_CASE("rows whose kept scores are all minus infinity are zero with LSE minus infinity",
          "[small]") {
  auto inputs = test::gaussian(test::problem(300, 300), 4);
  const auto& p = inputs.problem;
  for (std::int64_t row = 0; row < p.q_len; ++row) set_row(inputs.q, p, row, 1.0F);
  for (std::int64_t row = 0; row < 290; ++row) set_row(inputs.k, p, row, -kInfinity);
  const auto result = run_tested(inputs, nullptr);
  for (std::size_t row = 0; row < 290; ++row) {
    CAPTURE(row);
    REQUIRE(result.lse[row] == -kInfinity);
    REQUIRE(std::all_of(result.o.begin() + static_cast<std::ptrdiff_t>(row * 64),
                        result.o.begin() + static_cast<std::ptrdiff_t>(row * 64 + 64),
                        [](std::uint16_t bits) { return (bits & 0x7FFF) == 0; }));
  }
  CHECK(std::isfinite(result.lse[295]));
  CHECK(deviation(inputs, nullptr, result) == "");
}

TEST_CASE("values of skipped tiles are never read", "[small]") {
  auto inputs = test::gaussian(test::problem(512, 512), 5);
  const auto& p = inputs.problem;
  // One Q block's items only, so that a K block is either kept or skipped.
  const std::vector<core::WorkItem> items = {{0, 0, 3}};
  const auto thresholds = test::skipping(inputs, 0.6);
  const auto before = run_tested(inputs, &thresholds, items);
  const core::TileGeometry geometry(p);
  std::int64_t skipped = 0;
  std::int64_t kept = 0;
  for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
    const std::uint8_t code = before.mask[size(3 * geometry.k_blocks() + n)];
    kept += code == 2 ? 1 : 0;
    if (code != 1) continue;
    ++skipped;
    const core::Range columns = geometry.k_columns(n);
    for (std::int64_t c = columns.begin; c < columns.end; ++c) set_row(inputs.v, p, c, kNan);
  }
  REQUIRE(skipped > 0);
  REQUIRE(kept > 0);
  CHECK(kernels::first_difference(p, items, before, run_tested(inputs, &thresholds, items)) == "");
}

TEST_CASE("a value that is not finite stays in its channel", "[small]") {
  auto inputs = test::gaussian(test::problem(200, 200), 6);
  inputs.v[size(3 * 64 + 5)] = test::half_bits(kInfinity, inputs.problem.dtype);
  const auto result = run_tested(inputs, nullptr);
  for (std::int64_t row = 0; row < 200; ++row) {
    for (std::int64_t d = 0; d < 64; ++d) {
      if (d == 5) continue;
      const double o = test::half_value(result.o[size(row * 64 + d)], inputs.problem.dtype);
      REQUIRE(std::isfinite(o));
    }
  }
  CHECK(test::half_value(result.o[size(100 * 64 + 5)], inputs.problem.dtype) ==
        std::numeric_limits<double>::infinity());
}

TEST_CASE("equal scores average the values", "[small]") {
  auto inputs = test::gaussian(test::problem(300, 300), 7);
  std::fill(inputs.k.begin(), inputs.k.end(), std::uint16_t{0});
  const auto result = run_tested(inputs, nullptr);
  CHECK(deviation(inputs, nullptr, result) == "");
  CHECK(result.lse[299] == Approx(std::log(300.0)));
}

TEST_CASE("scores near the limit of fp16 inputs neither overflow nor lose the largest", "[small]") {
  auto inputs = test::gaussian(test::problem(192, 192), 8);
  const auto& p = inputs.problem;
  for (std::int64_t row = 0; row < p.q_len; ++row) set_row(inputs.q, p, row, 65504.0F);
  set_row(inputs.k, p, 7, 65504.0F);
  set_row(inputs.k, p, 9, -65504.0F);
  const auto result = run_tested(inputs, nullptr);
  CHECK(deviation(inputs, nullptr, result) == "");
  for (std::int64_t d = 0; d < 64; ++d) {
    REQUIRE(result.o[size(100 * 64 + d)] == inputs.v[size(7 * 64 + d)]);
  }
}

TEST_CASE("a maximum that rises late rescales what came before", "[small]") {
  auto inputs = test::gaussian(test::problem(64, 2048), 9);
  const auto& p = inputs.problem;
  for (std::int64_t c = 0; c < p.kv_len; ++c) {
    for (std::int64_t d = 0; d < p.head_dim; ++d) {
      auto& element = inputs.k[size(c * p.head_dim + d)];
      const double grown =
          test::half_value(element, p.dtype) * (1.0 + static_cast<double>(c) / 256);
      element = test::half_bits(grown, p.dtype);
    }
  }
  CHECK(deviation(inputs, nullptr, run_tested(inputs, nullptr)) == "");
}
