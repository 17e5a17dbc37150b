// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <memory>

#include <catch2/catch.hpp>

#include "analysis/calibration.h"
#include "analysis/tuning.h"
#include "core/tile_geometry.h"
#include "gui/models/head_tuner.h"
#include "tests/gui_models/support.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::head_of;
using test::problem_of;
using test::sequence_of;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNanValue = std::numeric_limits<float>::quiet_NaN();

HeadTuner tuner_of(const HeadArrays& head) {
  auto tuner = HeadTuner::make(std::make_shared<HeadArrays>(head));
  REQUIRE(tuner.has_value());
  return *tuner;
}

std::span<const float> row_of(const std::vector<float>& tiles, const HeadArrays& head,
                              std::int64_t row) {
  return std::span(tiles).subspan(head.index(row, 0), std::size_t(head.k_blocks));
}

/// What analysis says, tile by tile.
analysis::Tuning tuned(const HeadArrays& head, std::int64_t row, float tau) {
  const core::TileGeometry geometry(head.problem);
  analysis::TileStatistics statistics;
  statistics.q_block = head.q_blocks[std::size_t(row)];
  statistics.rows = geometry.q_rows(statistics.q_block).size();
  statistics.tile_max = row_of(*head.tile_max, head, row);
  statistics.tile_mass = row_of(*head.tile_mass, head, row);
  if (head.tile_mass_max) statistics.tile_mass_max = row_of(*head.tile_mass_max, head, row);
  return analysis::tune(head.problem, statistics, tau);
}

void check_same(const analysis::Tuning& a, const analysis::Tuning& b) {
  CHECK(a.tiles == b.tiles);
  CHECK(a.rows == b.rows);
  CHECK(a.lost_mass == Approx(b.lost_mass).margin(1e-9));
  REQUIRE(a.worst_row_loss.has_value() == b.worst_row_loss.has_value());
  if (a.worst_row_loss) CHECK(*a.worst_row_loss == Approx(*b.worst_row_loss).margin(1e-12));
}

HeadArrays sample() {
  return head_of(sequence_of(problem_of(1, 20, 40), 11), 0);
}

}  // namespace

TEST_CASE("a threshold does to a row what analysis says, tile by tile") {
  HeadArrays head = sample();
  (*head.tile_max)[head.index(12, 3)] = kNanValue;
  (*head.tile_max)[head.index(12, 4)] = kInf;
  (*head.tile_max)[head.index(12, 5)] = -kInf;
  (*head.tile_max)[head.index(13, 0)] = (*head.tile_max)[head.index(13, 1)];
  if (GENERATE(false, true)) head.tile_mass_max.reset();
  const HeadTuner tuner = tuner_of(head);
  for (std::int64_t row = 0; row < head.rows(); ++row) {
    for (const float tau :
         {-kInf, 8.0F, 10.0F, 10.5F, 12.0F, 1e30F, kInf, (*head.tile_max)[head.index(row, 0)]}) {
      if (std::isnan(tau)) continue;
      CAPTURE(row, tau);
      check_same(tuner.evaluate(row, tau), tuned(head, row, tau));
    }
  }
}

TEST_CASE("k tiles are kept by the threshold that calibration gives") {
  const HeadArrays head = sample();
  const HeadTuner tuner = tuner_of(head);
  const core::TileGeometry geometry(head.problem);
  const std::vector<std::int64_t> ks{0, 1, 2, 5, 17, 30, 37, 38, 39, 1000};
  for (std::int64_t row = 0; row < head.rows(); ++row) {
    std::vector<double> off_diagonal;
    for (std::int64_t n = 0; n < geometry.visible_k_blocks(row); ++n) {
      if (geometry.place(row, n) == core::TilePlace::kOffDiagonal)
        off_diagonal.push_back(double((*head.tile_max)[head.index(row, n)]));
    }
    const auto expected = analysis::thresholds_for(off_diagonal, ks);
    for (std::size_t i = 0; i < ks.size(); ++i) {
      CAPTURE(row, ks[i]);
      CHECK(tuner.off_diagonal(row) == std::int64_t(off_diagonal.size()));
      // Where there are no tiles to skip either limit is as good.
      if (!off_diagonal.empty()) CHECK(tuner.tau_keeping(row, ks[i]) == expected[i]);
    }
  }
}

TEST_CASE("a density and a retained mass are reached with no tile more than needed") {
  const HeadArrays head = sample();
  const HeadTuner tuner = tuner_of(head);
  for (std::int64_t row = 5; row < head.rows(); ++row) {
    const auto half = tuner.evaluate(row, tuner.tau_for_density(row, 0.5)).tiles;
    CHECK(half.kept == std::llround(0.5 * double(half.off_diagonal)));
    CHECK(tuner.evaluate(row, tuner.tau_for_density(row, 1.0)).tiles.skipped == 0);
    CHECK(tuner.evaluate(row, tuner.tau_for_density(row, 0.0)).tiles.kept == 0);
    for (const double mass : {0.5, 0.9, 0.99}) {
      const float tau = tuner.tau_for_mass(row, mass);
      const auto found = tuner.evaluate(row, tau);
      CHECK(found.retained_mass() >= mass - 1e-8);
      if (found.tiles.kept == 0) continue;
      const auto fewer = tuner.evaluate(row, tuner.tau_keeping(row, found.tiles.kept - 1));
      CHECK(fewer.retained_mass() < mass);
    }
    CHECK(tuner.tau_for_mass(row, 1.5) == -kInf);
    CHECK(tuner.tau_for_mass(row, 0.0) == kInf);
  }
}

TEST_CASE("k tiles are kept where the k-th and the next are both infinite") {
  HeadArrays head = sample();
  for (std::int64_t n = 0; n < 6; ++n) (*head.tile_max)[head.index(19, n)] = kInf;
  const HeadTuner tuner = tuner_of(head);
  for (const std::int64_t k : {1, 3, 6}) {
    CAPTURE(k);
    CHECK(tuner.evaluate(19, tuner.tau_keeping(19, k)).tiles.kept == 6);
  }
  CHECK(tuner.evaluate(19, tuner.tau_keeping(19, 0)).tiles.kept == 0);
  CHECK(tuner.evaluate(19, tuner.tau_keeping(19, 7)).tiles.kept == 7);
}

TEST_CASE("NaN tiles are kept by every threshold and count towards k") {
  HeadArrays head = sample();
  for (std::int64_t n = 0; n < 5; ++n) (*head.tile_max)[head.index(19, n)] = kNanValue;
  const HeadTuner tuner = tuner_of(head);
  CHECK(tuner.evaluate(19, kInf).tiles.kept == 5);
  CHECK(tuner.evaluate(19, tuner.tau_keeping(19, 9)).tiles.kept == 9);
  CHECK(tuner.tau_keeping(19, 3) == kInf);
  for (auto& score : *head.tile_max) score = kNanValue;
  const HeadTuner all = tuner_of(head);
  CHECK(all.evaluate(19, kInf).tiles.skipped == 0);
}

TEST_CASE("rows that were not checked take no part, and heads without tile_max have no tuner") {
  HeadArrays head = sample();
  head.held.assign(20, 1);
  head.held[19] = 0;
  const HeadTuner tuner = tuner_of(head);
  CHECK(tuner.evaluate(19, 0.0F).rows == 0);
  std::vector<float> tau(20, 10.5F);
  const auto sum = tuner.evaluate(tau);
  CHECK(sum.rows == 19 * 128);
  head.tile_mass.reset();
  CHECK(std::isnan(tuner_of(head).evaluate(5, 10.5F).lost_mass));
  head.tile_max.reset();
  CHECK_FALSE(HeadTuner::make(std::make_shared<HeadArrays>(head)).has_value());
  CHECK_FALSE(HeadTuner::make(nullptr).has_value());
}

TEST_CASE("curves come near what the tiles say, whatever is asked for") {
  auto s = sequence_of(problem_of(1, 300, 600), 3);
  test::add_curves(s);
  const HeadArrays head = head_of(s, 0);
  const HeadTuner exact = tuner_of(head);
  const CurveTuner curve(s.problem, s.q_blocks, {}, *s.curve_threshold, *s.curve_mass);
  const auto compare = [&](const auto& choose) {
    std::vector<float> by_tiles, by_curve;
    for (std::int64_t row = 0; row < head.rows(); ++row) {
      by_tiles.push_back(choose(exact, row));
      by_curve.push_back(choose(curve, row));
    }
    const auto expected = exact.evaluate(by_tiles), found = curve.evaluate(by_curve);
    CHECK(found.tiles.off_diagonal == expected.tiles.off_diagonal);
    CHECK(found.tiles.diagonal == expected.tiles.diagonal);
    CHECK(found.rows == expected.rows);
    CHECK(*found.tiles.density() == Approx(*expected.tiles.density()).margin(0.01));
    CHECK(found.retained_mass() == Approx(expected.retained_mass()).margin(0.01));
    // The curve's thresholds, applied to the tiles.
    const auto applied = exact.evaluate(by_curve);
    CHECK(*applied.tiles.density() == Approx(*expected.tiles.density()).margin(0.02));
  };
  for (const std::int64_t k : {4, 16, 64, 128, 256})
    compare([k](const auto& tuner, std::int64_t row) { return tuner.tau_keeping(row, k); });
  for (const double density : {0.05, 0.3, 0.9})
    compare(
        [&](const auto& tuner, std::int64_t row) { return tuner.tau_for_density(row, density); });
  for (const double mass : {0.6, 0.95})
    compare([&](const auto& tuner, std::int64_t row) { return tuner.tau_for_mass(row, mass); });
  compare([](const auto&, std::int64_t) { return 10.5F; });
  compare([](const auto&, std::int64_t) { return -kInf; });
  compare([](const auto&, std::int64_t) { return kInf; });
}

TEST_CASE("curves of NaN, of one value and of nothing give numbers in range") {
  auto s = sequence_of(problem_of(1, 10, 20), 3);
  for (std::size_t i = 0; i < s.tile_max->size(); ++i) {
    if (i % 20 < 10) (*s.tile_max)[i] = kNanValue;
    if (i / 20 == 9 && i % 20 >= 10) (*s.tile_max)[i] = 5.0F;
  }
  test::add_curves(s);
  if (GENERATE(false, true)) {
    for (float& value : *s.curve_threshold) value = kNanValue;
  }
  const CurveTuner curve(s.problem, s.q_blocks, {}, *s.curve_threshold, *s.curve_mass);
  for (const float tau : {-kInf, 5.0F, 4.0F, 6.0F, kInf}) {
    const auto found = curve.evaluate(std::vector<float>(10, tau));
    CHECK(found.tiles.kept >= 0);
    CHECK(found.tiles.kept <= found.tiles.off_diagonal);
  }
  for (std::int64_t row = 0; row < 10; ++row) {
    curve.tau_keeping(row, 3);
    curve.tau_for_mass(row, 0.5);
  }
}
