// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include "core/tile_geometry.h"
#include "core/work.h"
#include "tests/reference/compare.h"
#include "tests/support/random_problem.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

/// Masks of every density over random problems, with a count of what was skipped and kept.
struct Sweep {
  std::int64_t skipped = 0;
  std::int64_t kept = 0;

  template <typename Check>
  void run(std::int64_t longest, int problems, Check check) {
    core::SplitMix64 random(11);
    for (int i = 0; i < problems; ++i) {
      const Inputs inputs = gaussian(random_problem(random, longest), random.next());
      const auto items = core::all_work_items(inputs.problem);
      const core::WorkItem item = items[random.below(items.size())];
      const auto mask = random_mask(inputs.problem, item, random);
      skipped += std::count(mask.begin(), mask.end(), core::TileCode::kSkipped);
      kept += std::count(mask.begin(), mask.end(), core::TileCode::kKept);
      CAPTURE(i, inputs.problem, item.q_block);
      const reference::Attention attention(inputs.problem, inputs.views());
      check(inputs.problem, attention.evaluate(item, {&mask, 1}, false));
    }
    REQUIRE(skipped > 0);
    REQUIRE(kept > 0);
  }
};

constexpr double kFloatRounding = 0x1p-24;

}  // namespace

TEST_CASE("the masses of a block's tiles add up to one, and so do those of outside tiles to zero") {
  Sweep().run(900, 30, [](const core::Problem& p, const core::BlockEvaluation& e) {
    const core::BlockStatistics& s = e.statistics;
    const double total = std::accumulate(s.tile_mass.begin(), s.tile_mass.end(), 0.0);
    REQUIRE(std::abs(total - 1.0) <=
            kFloatRounding * static_cast<double>(s.tile_mass.size()) + 1e-12);
    const core::TileGeometry geometry(p);
    for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
      const auto tile = static_cast<std::size_t>(n);
      REQUIRE(s.tile_mass_max[tile] >= s.tile_mass[tile] * (1.0F - 0x1p-22F));
      if (geometry.place(s.item.q_block, n) != core::TilePlace::kOutside) continue;
      REQUIRE(s.tile_mass_max[tile] == 0.0F);
      REQUIRE(std::isinf(s.tile_max[tile]));
      REQUIRE(s.beta[tile] == 0.0);
      REQUIRE(s.must_keep[tile] == 0);
    }
  });
}

TEST_CASE("retained mass is the mass of the tiles that take part") {
  Sweep().run(900, 30, [](const core::Problem&, const core::BlockEvaluation& e) {
    const core::BlockOutput& out = e.masked[0];
    double expected = 0.0;
    for (std::size_t n = 0; n < out.mask.size(); ++n) {
      if (core::takes_part(out.mask[n])) expected += e.statistics.tile_mass[n];
    }
    const double mean = std::accumulate(out.retained_mass.begin(), out.retained_mass.end(), 0.0) /
                        static_cast<double>(out.retained_mass.size());
    REQUIRE(std::abs(mean - expected) <=
            kFloatRounding * static_cast<double>(out.mask.size()) + 1e-12);
    REQUIRE(std::all_of(out.retained_mass.begin(), out.retained_mass.end(),
                        [](double mass) { return mass >= 0.0 && mass <= 1.0; }));
  });
}

TEST_CASE("retained mass is the ratio of the kept normaliser to the dense one") {
  Sweep().run(900, 30, [](const core::Problem&, const core::BlockEvaluation& e) {
    for (std::size_t r = 0; r < e.dense.lse.size(); ++r) {
      const double expected = std::exp(e.masked[0].lse[r] - e.dense.lse[r]);
      REQUIRE(std::abs(e.masked[0].retained_mass[r] - expected) <= 1e-12);
    }
  });
}

TEST_CASE("lost over kept mass stays below the bound from skipped tile maxima") {
  Sweep().run(900, 30, [](const core::Problem& p, const core::BlockEvaluation& e) {
    const core::TileGeometry geometry(p);
    const core::BlockOutput& out = e.masked[0];
    for (std::size_t r = 0; r < out.lse.size(); ++r) {
      double bound = 0.0;
      for (std::int64_t n = 0; n < geometry.k_blocks(); ++n) {
        const auto tile = static_cast<std::size_t>(n);
        if (out.mask[tile] != core::TileCode::kSkipped) continue;
        bound += static_cast<double>(geometry.k_columns(n).size()) *
                 std::exp(e.statistics.tile_max[tile] + e.statistics.beta[tile] - out.lse[r]);
      }
      const double lost = (1.0 - out.retained_mass[r]) / out.retained_mass[r];
      REQUIRE(lost <= bound + 1e-12);
    }
  });
}

TEST_CASE("a mask that keeps everything gives the dense result bit for bit, and loses nothing") {
  core::SplitMix64 random(5);
  for (int i = 0; i < 10; ++i) {
    const Inputs inputs = gaussian(random_problem(random, 700), random.next());
    CAPTURE(i, inputs.problem);
    const core::WorkItem item = core::all_work_items(inputs.problem).back();
    const reference::Attention attention(inputs.problem, inputs.views());
    const auto statistics = attention.statistics(item, false);
    REQUIRE(statistics.tile_mass.empty());
    REQUIRE(statistics.dense_lse.empty());
    const auto mask = reference::gate(inputs.problem, statistics, nullptr);
    const auto e = attention.evaluate(item, {&mask, 1}, false);
    REQUIRE(e.statistics.tile_max == statistics.tile_max);
    REQUIRE(e.statistics.beta == statistics.beta);
    REQUIRE(e.masked[0].o == e.dense.o);
    REQUIRE(e.masked[0].lse == e.dense.lse);
    REQUIRE(e.masked[0].mask == e.dense.mask);
    REQUIRE(std::all_of(e.masked[0].retained_mass.begin(), e.masked[0].retained_mass.end(),
                        [](double mass) { return mass == 1.0; }));
  }
}

TEST_CASE("a skipped tile's large scores do not push the kept ones into underflow") {
  core::Problem p;
  p.q_len = 64;
  p.kv_len = 320;
  p.head_dim = 64;
  p.gate = {64, 64};
  p.scale = 1.0F;
  Inputs inputs = gaussian(p, 3);
  // The first tile's scores are near +4000, the others' near -4000: 8000 is far beyond exp's range.
  for (std::size_t i = 0; i < inputs.q.size(); i += 64) inputs.q[i] = 0x5400;  // 64
  for (std::size_t c = 0; c < 320; ++c) inputs.k[c * 64] = c < 64 ? 0x5400 : 0xD400;
  const core::WorkItem item{0, 0, 0};
  std::vector<core::TileCode> mask(5, core::TileCode::kKept);
  mask[0] = core::TileCode::kSkipped;
  mask[4] = core::TileCode::kDiagonal;
  const reference::Attention attention(inputs.problem, inputs.views());
  const auto e = attention.evaluate(item, {&mask, 1}, true);
  require_same_output(inputs, e.masked[0],
                      brute_force_output(inputs.problem, inputs.views(), item, mask));
  for (std::size_t r = 0; r < e.masked[0].lse.size(); ++r) {
    REQUIRE(e.masked[0].lse[r] < -3000.0);
    REQUIRE(e.masked[0].retained_mass[r] == 0.0);
  }
  REQUIRE(std::all_of(e.masked[0].low.begin(), e.masked[0].low.end(),
                      [](float x) { return std::isfinite(x); }));
}
