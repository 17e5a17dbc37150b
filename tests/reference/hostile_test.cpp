// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "core/work.h"
#include "tests/reference/compare.h"
#include "tests/support/half_bits.h"
#include "tests/support/random_problem.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// One head, 64 queries after 128 earlier keys: two off-diagonal tiles and a diagonal one.
Inputs three_tiles() {
  core::Problem p;
  p.q_len = 64;
  p.kv_len = 192;
  p.head_dim = 64;
  p.gate = {64, 64};
  return gaussian(p, 21);
}

void set(const core::Problem& p, std::vector<std::uint16_t>& tensor, std::int64_t row,
         std::int64_t channel, double value) {
  tensor[static_cast<std::size_t>(row * p.head_dim + channel)] = half_bits(value, p.dtype);
}

const std::vector<core::TileCode> kKeepBoth = {core::TileCode::kKept, core::TileCode::kKept,
                                               core::TileCode::kDiagonal};
const std::vector<core::TileCode> kSkipFirst = {core::TileCode::kSkipped, core::TileCode::kKept,
                                                core::TileCode::kDiagonal};

core::BlockEvaluation evaluate(const Inputs& inputs) {
  const std::vector<std::vector<core::TileCode>> masks = {kKeepBoth, kSkipFirst};
  return reference::Attention(inputs.problem, inputs.views()).evaluate({0, 0, 0}, masks, true);
}

void require_like_brute_force(const Inputs& inputs, const core::BlockEvaluation& e) {
  const core::WorkItem& item = e.statistics.item;
  require_same_statistics(inputs, e.statistics,
                          brute_force_statistics(inputs.problem, inputs.views(), item));
  for (const auto& out : e.masked) {
    require_same_output(inputs, out,
                        brute_force_output(inputs.problem, inputs.views(), item, out.mask));
  }
}

std::int64_t nan_rows(const core::BlockOutput& out) {
  const std::size_t width = out.o.size() / out.lse.size();
  std::int64_t rows = 0;
  for (std::size_t r = 0; r < out.lse.size(); ++r) {
    std::size_t nans = 0;
    for (std::size_t d = 0; d < width; ++d) nans += std::isnan(out.o[r * width + d]) ? 1U : 0U;
    REQUIRE((nans == 0 || nans == width));  // a row is NaN as a whole or not at all
    REQUIRE(std::isnan(out.lse[r]) == (nans != 0));
    for (std::size_t d = 0; d < width; ++d) {
      REQUIRE(std::isnan(out.low[r * width + d]) == (nans != 0));
    }
    rows += nans != 0 ? 1 : 0;
  }
  return rows;
}

}  // namespace

TEST_CASE("NaN and infinities anywhere give what brute force gives") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 20)));
  CAPTURE(seed);
  core::SplitMix64 random(1000 + seed);
  Inputs inputs = gaussian(random_problem(random, 260), seed);
  CAPTURE(inputs.problem);
  const double poison[] = {kNan, kInfinity, -kInfinity};
  for (std::uint64_t i = 0; i < 1 + seed % 3; ++i) {
    std::vector<std::uint16_t>* const tensors[] = {&inputs.q, &inputs.k, &inputs.v};
    std::vector<std::uint16_t>& tensor = *tensors[random.below(3)];
    tensor[random.below(tensor.size())] = half_bits(poison[random.below(3)], inputs.problem.dtype);
  }
  const reference::Attention attention(inputs.problem, inputs.views());
  const auto items = core::all_work_items(inputs.problem);
  for (int i = 0; i < 2; ++i) {
    const core::WorkItem item = items[random.below(items.size())];
    const auto mask = random_mask(inputs.problem, item, random);
    require_like_brute_force(inputs, attention.evaluate(item, {&mask, 1}, false));
  }
}

TEST_CASE("a NaN in a key makes its tile NaN and every row that keeps it, no other") {
  Inputs inputs = three_tiles();
  set(inputs.problem, inputs.k, 5, 7, kNan);
  const auto e = evaluate(inputs);
  require_like_brute_force(inputs, e);
  REQUIRE(std::isnan(e.statistics.tile_max[0]));
  REQUIRE(e.statistics.must_keep == std::vector<std::uint8_t>{1, 0, 0});
  REQUIRE(e.statistics.beta[0] == kInfinity);
  REQUIRE(std::isfinite(e.statistics.beta[1]));
  REQUIRE(nan_rows(e.masked[0]) == 64);
  REQUIRE(nan_rows(e.masked[1]) == 0);
  REQUIRE(std::isnan(e.statistics.tile_mass[1]));  // the dense softmax of such rows does not exist
}

TEST_CASE("an infinite query makes its own row NaN and no other") {
  Inputs inputs = three_tiles();
  set(inputs.problem, inputs.q, 9, 0, kInfinity);
  const auto e = evaluate(inputs);
  require_like_brute_force(inputs, e);
  REQUIRE(nan_rows(e.masked[0]) == 1);
  REQUIRE(nan_rows(e.masked[1]) == 1);
  for (const double beta : e.statistics.beta) REQUIRE(beta == kInfinity);
}

TEST_CASE("a row whose scores are all -inf is zero, its normaliser -inf, and nothing is lost") {
  Inputs inputs = three_tiles();
  for (std::int64_t c = 0; c < 192; ++c) set(inputs.problem, inputs.k, c, 0, 1.0);
  set(inputs.problem, inputs.q, 9, 0, -kInfinity);
  const auto e = evaluate(inputs);
  require_like_brute_force(inputs, e);
  REQUIRE(nan_rows(e.masked[0]) == 0);
  for (const auto& out : e.masked) {
    REQUIRE(out.lse[9] == -kInfinity);
    REQUIRE(std::isfinite(out.lse[8]));
    REQUIRE(out.retained_mass[9] == 1.0);
    for (std::size_t d = 9 * 64; d < 10 * 64; ++d) {
      REQUIRE(out.o[d] == 0.0);
      REQUIRE(out.low[d] == 0.0F);
    }
  }
}

TEST_CASE("a score of -inf beside finite ones has weight zero") {
  Inputs inputs = three_tiles();
  for (std::int64_t r = 0; r < 64; ++r) set(inputs.problem, inputs.q, r, 0, 1.0);
  set(inputs.problem, inputs.k, 5, 0, -kInfinity);
  const auto e = evaluate(inputs);
  require_like_brute_force(inputs, e);
  REQUIRE(nan_rows(e.masked[0]) == 0);
  REQUIRE(e.statistics.must_keep[0] == 0);
}

TEST_CASE("a mask that takes no tile gives zero rows") {
  const Inputs inputs = three_tiles();
  const std::vector<core::TileCode> none(3, core::TileCode::kSkipped);
  const auto e =
      reference::Attention(inputs.problem, inputs.views()).evaluate({0, 0, 0}, {&none, 1}, true);
  for (const double lse : e.masked[0].lse) REQUIRE(lse == -kInfinity);
  for (const double o : e.masked[0].o) REQUIRE(o == 0.0);
  for (const float o : e.masked[0].low) REQUIRE(o == 0.0F);
  for (const double mass : e.masked[0].retained_mass) REQUIRE(mass == 0.0);
}

TEST_CASE("a V that is not finite exempts its channel where its tile takes part, and only there") {
  const double poison = GENERATE(kInfinity, kNan);
  CAPTURE(poison);
  Inputs inputs = three_tiles();
  set(inputs.problem, inputs.v, 5, 3, poison);
  const auto e = evaluate(inputs);
  require_like_brute_force(inputs, e);
  for (std::size_t d = 0; d < 64; ++d) {
    REQUIRE(e.masked[0].exempt_channel[d] == (d == 3 ? 1 : 0));
    REQUIRE(e.dense.exempt_channel[d] == (d == 3 ? 1 : 0));
    REQUIRE(e.masked[1].exempt_channel[d] == 0);
  }
  for (std::size_t i = 0; i < e.masked[0].o.size(); ++i) {
    if (i % 64 != 3) REQUIRE(std::isfinite(e.masked[0].o[i]));
    if (i % 64 != 3) REQUIRE(std::isfinite(e.masked[0].low[i]));
    REQUIRE(std::isfinite(e.masked[1].o[i]));
    REQUIRE(std::isfinite(e.masked[1].low[i]));
  }
}

TEST_CASE("all-equal scores weigh every visible column alike") {
  Inputs inputs = three_tiles();
  std::fill(inputs.q.begin(), inputs.q.end(), half_bits(0.0, inputs.problem.dtype));
  const auto e = evaluate(inputs);
  require_like_brute_force(inputs, e);
  for (std::size_t r = 0; r < 64; ++r) {
    REQUIRE(e.dense.lse[r] == std::log(static_cast<double>(129 + r)));
  }
  for (const double beta : e.statistics.beta) REQUIRE(beta == 0.0);
}

TEST_CASE("scores at the limit of fp16 stay exact") {
  Inputs inputs = three_tiles();
  for (auto* tensor : {&inputs.q, &inputs.k}) {
    for (std::size_t i = 0; i < tensor->size(); ++i) (*tensor)[i] = i % 3 == 0 ? 0xFBFF : 0x7BFF;
  }
  const auto e = evaluate(inputs);
  require_like_brute_force(inputs, e);
  REQUIRE(nan_rows(e.masked[0]) == 0);
  REQUIRE(e.statistics.tile_max[0] > 1e9);
}
