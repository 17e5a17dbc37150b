// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "analysis/density.h"
#include "analysis/tuning.h"
#include "core/error.h"
#include "tests/analysis/fixture.h"

namespace bsfa::analysis {
namespace {

/// Q block 2 of the fixture's problem, as a trace holds it.
struct Stored {
  core::Problem problem = Fixture().problem;
  std::vector<float> tile_max{3.0F, 2.0F, 1.0F, 0.0F, 4.0F, 4.0F, -kInfF, -kInfF};
  std::vector<float> mass{0.25F, 0.125F, 0.0625F, 0.0625F, 0.25F, 0.25F, 0.0F, 0.0F};
  std::vector<float> mass_max{0.5F, 0.375F, 0.25F, 0.125F, 0.5F, 0.5F, 0.0F, 0.0F};
  TileStatistics view() const { return {2, 4, tile_max, mass, mass_max}; }
};

}  // namespace

TEST_CASE("a threshold's density, mass and certificate follow from stored statistics") {
  const Stored stored;
  const Tuning at = tune(stored.problem, stored.view(), 1.5F);
  CHECK(at.tiles == TileCounts{4, 2, 2, 2});
  CHECK(at.retained_mass() == 0.875);
  CHECK(at.worst_row_loss == 0.375);
  CHECK(at.certificate() == 0.375 / 0.625);
}

TEST_CASE("a tie is kept, and keeping all loses exactly nothing") {
  const Stored stored;
  CHECK(tune(stored.problem, stored.view(), 2.0F).tiles.kept == 2);
  const Tuning all = tune(stored.problem, stored.view(), -kInfF);
  CHECK(all.tiles.skipped == 0);
  CHECK(all.retained_mass() == 1.0);
  CHECK(all.certificate() == 0.0);
}

TEST_CASE("from u = 1 on there is no certificate, nor where u is unknown or NaN") {
  Stored stored;
  CHECK_FALSE(tune(stored.problem, stored.view(), kInfF).certificate().has_value());
  stored.mass_max = {0.25F, 0.25F, 0.25F, 0.25F, 0.5F, 0.5F, 0.0F, 0.0F};
  const Tuning one = tune(stored.problem, stored.view(), kInfF);
  CHECK(one.worst_row_loss == 1.0);
  CHECK_FALSE(one.certificate().has_value());
  TileStatistics without = stored.view();
  without.tile_mass_max = {};
  Tuning unknown = tune(stored.problem, without, 1.5F);
  CHECK_FALSE(unknown.certificate().has_value());
  CHECK(unknown.retained_mass() == 0.875);
  stored.mass_max[3] = kNanF;
  CHECK_FALSE(tune(stored.problem, stored.view(), 1.5F).certificate().has_value());
}

TEST_CASE("blocks pool by rows, and the worst row counts, NaN and unknown above all") {
  const Stored stored;
  Tuning total = tune(stored.problem, stored.view(), 1.5F);
  Tuning small = tune(stored.problem, stored.view(), 2.5F);
  small.rows = 1;
  small.lost_mass /= 4.0;
  total += small;
  CHECK(total.tiles == TileCounts{8, 3, 5, 4});
  CHECK(total.retained_mass() == (4 * 0.875 + 0.75) / 5);
  CHECK(total.worst_row_loss == 0.75);
  Tuning bad;
  bad.worst_row_loss = kNan;
  total += bad;
  total += small;
  CHECK_FALSE(total.certificate().has_value());
  Tuning unknown;
  unknown.worst_row_loss.reset();
  total = small;
  total += unknown;
  total += small;
  CHECK_FALSE(total.worst_row_loss.has_value());
}

TEST_CASE("nothing pooled retains everything") {
  CHECK(Tuning{}.retained_mass() == 1.0);
}

TEST_CASE("a mask says what a threshold skips; NaN tiles are kept") {
  using enum core::TileCode;
  Stored stored;
  stored.tile_max[3] = kNanF;
  CHECK(mask_under(stored.problem, stored.view(), 2.5F) ==
        std::vector<core::TileCode>{kKept, kSkipped, kSkipped, kKept, kDiagonal, kDiagonal,
                                    kOutside, kOutside});
}

TEST_CASE("whatever a trace holds outside the causal triangle does not count") {
  Stored stored;
  stored.mass[7] = kNanF;
  stored.mass_max[6] = 9.0F;
  CHECK(tune(stored.problem, stored.view(), 1.5F).retained_mass() == 0.875);
  CHECK(tune(stored.problem, stored.view(), 1.5F).worst_row_loss == 0.375);
}

TEST_CASE("exact scores are compared in double") {
  const Stored stored;
  core::BlockStatistics exact;
  exact.item = {0, 0, 2};
  exact.rows = 4;
  exact.tile_max = {3.0, 2.0 - 0x1p-40, 1.0, 0.0, 4.0, 4.0, -kInf, -kInf};
  exact.tile_mass = stored.mass;
  exact.tile_mass_max = stored.mass_max;
  CHECK(tune(stored.problem, exact, 2.0F).tiles.kept == 1);
  CHECK(tune(stored.problem, exact, 1.5F).retained_mass() == 0.875);
}

TEST_CASE("statistics of another shape are refused") {
  Stored stored;
  stored.mass.pop_back();
  CHECK_THROWS_AS(tune(stored.problem, stored.view(), 1.0F), core::InvalidProblem);
  stored.tile_max.pop_back();
  CHECK_THROWS_AS(mask_under(stored.problem, stored.view(), 1.0F), core::InvalidProblem);
}

TEST_CASE("predicted density pools min(k, off-diagonal) over Q blocks") {
  const core::Problem problem = Fixture().problem;  // off-diagonal tiles 0, 2, 4, 6
  CHECK(predicted_density(problem, 0) == 0.0);
  CHECK(predicted_density(problem, 3) == 8.0 / 12.0);
  CHECK(predicted_density(problem, 100) == 1.0);
  core::Problem tiny = problem;
  tiny.q_len = tiny.kv_len = 3;
  CHECK_FALSE(predicted_density(tiny, 3).has_value());
}

TEST_CASE("density is compared per head and overall") {
  const std::vector<BlockTiles> blocks{
      {{0, 0, 1}, {10, 4, 6, 2}}, {{1, 0, 1}, {2, 2, 0, 2}}, {{0, 2, 1}, {12, 3, 9, 2}}};
  const DensityReport report = compare_density(3, 4, blocks);
  CHECK(report.overall.predicted == 10.0 / 24.0);
  CHECK(report.overall.measured == 9.0 / 24.0);
  CHECK(*report.overall.ratio == Approx(0.9));
  REQUIRE(report.heads.size() == 3);
  CHECK(report.heads[0].predicted == 0.5);
  CHECK(report.heads[0].measured == 0.5);
  CHECK(report.heads[0].ratio == 1.0);
  CHECK_FALSE(report.heads[1].predicted.has_value());
  CHECK_FALSE(report.heads[1].measured.has_value());
  CHECK_FALSE(report.heads[1].ratio.has_value());
  CHECK(report.heads[2].ratio == 0.75);
  CHECK_FALSE(compare_density(3, 0, blocks).overall.ratio.has_value());
}

}  // namespace bsfa::analysis
