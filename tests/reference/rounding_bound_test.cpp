// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "core/tile_geometry.h"
#include "core/work.h"
#include "tests/reference/compare.h"
#include "tests/support/half_bits.h"
#include "tests/support/random_problem.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

core::Problem two_tiles(core::Dtype dtype) {
  core::Problem p;
  p.q_len = 64;
  p.kv_len = 128;
  p.head_dim = 64;
  p.dtype = dtype;
  p.gate = {64, 64};
  return core::with_default_scale(p);
}

core::BlockStatistics statistics(const Inputs& inputs, const core::WorkItem& item = {0, 0, 0}) {
  return reference::Attention(inputs.problem, inputs.views()).statistics(item, false);
}

std::vector<double> row(const core::TensorView& view, std::int64_t b, std::int64_t h,
                        std::int64_t r) {
  std::vector<double> values;
  for (std::int64_t d = 0; d < view.shape[3]; ++d) {
    values.push_back(half_value(view.row<std::uint16_t>(b, h, r)[d], view.dtype));
  }
  return values;
}

double norm(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double x : values) sum += x * x;
  return std::sqrt(sum);
}

/// q·k in fp32, from the last channel to the first, to differ from whatever else is done.
float backward_float_score(const std::vector<double>& q, const std::vector<double>& k,
                           float scale) {
  float sum = 0.0F;
  for (std::size_t d = q.size(); d-- > 0;) sum += static_cast<float>(q[d] * k[d]);
  return scale * sum;
}

void scale_all(std::vector<std::uint16_t>& tensor, core::Dtype dtype, double factor) {
  for (auto& bits : tensor) bits = half_bits(half_value(bits, dtype) * factor, dtype);
}

/// Statistics of a block next to a tile_max in fp32, for every tile that is not outside.
template <typename Check>
void with_float_tile_max(const Inputs& inputs, const core::WorkItem& item, Check check) {
  const core::Problem& p = inputs.problem;
  const core::TileGeometry geometry(p);
  const core::AttentionInputs views = inputs.views();
  const auto s = statistics(inputs, item);
  for (std::int64_t n = 0; n < geometry.visible_k_blocks(item.q_block); ++n) {
    float max = -std::numeric_limits<float>::infinity();
    double q_norm = 0.0;
    double k_norm = 0.0;
    const core::Range rows = geometry.q_rows(item.q_block);
    const core::Range columns = geometry.k_columns(n);
    for (std::int64_t r = rows.begin; r < rows.end; ++r) {
      const auto q = row(views.q, item.batch, item.head, r);
      q_norm = std::max(q_norm, norm(q));
      for (std::int64_t c = columns.begin; c < columns.end; ++c) {
        const auto k = row(views.k, item.batch, p.kv_head_of(item.head), c);
        k_norm = std::max(k_norm, norm(k));
        if (sees(p, r, c)) max = std::max(max, backward_float_score(q, k, p.scale));
      }
    }
    const auto tile = static_cast<std::size_t>(n);
    check(s.tile_max[tile], s.beta[tile], static_cast<double>(max), q_norm * k_norm);
  }
}

}  // namespace

TEST_CASE("beta is the stated bound, and a tile_max in fp32 lies within it") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 6)));
  core::SplitMix64 random(seed);
  const Inputs inputs = gaussian(random_problem(random, 260), seed);
  CAPTURE(seed, inputs.problem);
  const auto items = core::all_work_items(inputs.problem);
  const core::Problem& p = inputs.problem;
  with_float_tile_max(inputs, items[random.below(items.size())],
                      [&](double exact, double beta, double in_float, double norms) {
                        const double expected = static_cast<double>(p.head_dim + 16) * 0x1p-23 *
                                                    static_cast<double>(p.scale) * norms +
                                                0x1p-22 * std::abs(exact);
                        REQUIRE(std::abs(beta - expected) <= 1e-12 * expected);
                        REQUIRE(std::abs(exact - in_float) <= beta);
                      });
}

TEST_CASE("beta is zero for small integers and a power-of-two scale, and fp32 is exact there") {
  const double factor = GENERATE(1.0, 0.25, 4.0);
  core::Problem p = two_tiles(GENERATE(core::Dtype::kFloat16, core::Dtype::kBfloat16));
  p.scale = GENERATE(1.0F, 0.125F, 2.0F);
  Inputs inputs = integers(p, 4, 8);
  scale_all(inputs.k, p.dtype, factor);
  CAPTURE(p, factor);
  with_float_tile_max(inputs, {0, 0, 0}, [&](double exact, double beta, double in_float, double) {
    REQUIRE(beta == 0.0);
    REQUIRE(exact == in_float);
  });
}

TEST_CASE("beta is not zero where the scale is no power of two or the integers grow too large") {
  core::Problem p = two_tiles(core::Dtype::kFloat16);
  p.scale = 0.1F;
  for (const double beta : statistics(integers(p, 4, 8)).beta) REQUIRE(beta > 0.0);

  p.scale = 0.125F;
  const Inputs largest = integers(p, 4, 511);  // 64·511·511 < 2^24
  for (const double beta : statistics(largest).beta) REQUIRE(beta == 0.0);
  Inputs beyond = largest;
  beyond.q[0] = beyond.k[0] = half_bits(513.0, p.dtype);  // 64·513·513 > 2^24
  REQUIRE(statistics(beyond).beta[0] > 0.0);
  REQUIRE(statistics(gaussian(p, 4)).beta[0] > 0.0);
}

TEST_CASE("exactness is a matter of each tile") {
  Inputs inputs = integers(two_tiles(core::Dtype::kFloat16), 4, 8);
  inputs.k[70 * 64] = half_bits(1.0 / 1024.0, inputs.problem.dtype);
  inputs.k[70 * 64 + 1] = half_bits(1024.0, inputs.problem.dtype);
  const auto s = statistics(inputs);
  REQUIRE(s.beta[0] == 0.0);
  REQUIRE(s.beta[1] > 0.0);
}

TEST_CASE("beta is infinite where products can overflow fp32, and keeping is then not a duty") {
  Inputs inputs = gaussian(two_tiles(core::Dtype::kBfloat16), 4);
  scale_all(inputs.q, core::Dtype::kBfloat16, 0x1p60);
  for (std::size_t i = 0; i < 64 * 64; ++i) {
    inputs.k[i] =
        half_bits(half_value(inputs.k[i], core::Dtype::kBfloat16) * 0x1p66, core::Dtype::kBfloat16);
  }
  const auto s = statistics(inputs);
  REQUIRE(s.beta[0] == kInfinity);
  REQUIRE(std::isfinite(s.tile_max[0]));
  REQUIRE(s.must_keep[0] == 0);
  REQUIRE(std::isfinite(s.beta[1]));
}
