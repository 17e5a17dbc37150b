// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>

#include "tests/analysis/fixture.h"

namespace bsfa::analysis {
namespace {

using core::TileCode;

constexpr float kTau = 1.5F;
constexpr double kBeta = 0x1p-6;

void set_tau(Fixture& f, float tau) {
  f.thresholds.tau = {tau};
}

/// Reference scores that fp32 cannot be trusted with.
void make_unbounded(Fixture& f, std::size_t n, double tile_max, bool must_keep) {
  f.score(n, tile_max);
  f.evaluation.statistics.beta[n] = kInf;
  f.evaluation.statistics.must_keep[n] = must_keep ? 1 : 0;
}

}  // namespace

TEST_CASE("a right mask and right tile maxima are neither tie nor violation") {
  const GatingFinding g = Fixture().judge().gating;
  CHECK(g.ties == 0);
  CHECK(g.violations == 0);
  CHECK(g.worst_k_block == -1);
  CHECK(g.what.empty());
  CHECK(g.tile_max_ratio == 0.0);
  CHECK(g.tile_error == std::vector<float>(8, 0.0F));
}

TEST_CASE("a disagreement within β of the threshold is a tie, beyond it a violation") {
  const auto kernel_keeps = GENERATE(true, false);
  const double side = kernel_keeps ? -1.0 : 1.0;  // the reference decides the other way
  Fixture f;
  f.decide(1, kernel_keeps ? TileCode::kKept : TileCode::kSkipped);
  SECTION("exactly β away") {
    f.score(1, 1.5 + side * kBeta);
    const GatingFinding g = f.judge().gating;
    CHECK(g.ties == 1);
    CHECK(g.violations == 0);
  }
  SECTION("a little more than β away") {
    f.score(1, 1.5 + side * (kBeta + 0x1p-20));
    const GatingFinding g = f.judge().gating;
    CHECK(g.ties == 0);
    CHECK(g.violations == 1);
    CHECK(g.worst_k_block == 1);
    CHECK(g.what.find(kernel_keeps ? "kept, but must be skipped: tile_max 1.484"
                                   : "skipped, but must be kept: tile_max 1.515") == 0);
  }
}

TEST_CASE("at an exact tie with β = 0 the tile must be kept") {
  Fixture f;
  f.score(1, 1.5);
  f.evaluation.statistics.beta[1] = 0.0;
  SECTION("keeping it is right") {
    CHECK(f.judge().gating.violations == 0);
  }
  SECTION("skipping it is a violation, not a tie") {
    f.decide(1, TileCode::kSkipped);
    const BlockVerdict block = f.judge();
    CHECK(block.gating.ties == 0);
    CHECK(block.gating.violations == 1);
    CHECK(block.skipped_beyond_ties == 3);
  }
  SECTION("a kernel without a mask leaves no doubt about it") {
    f.reports_mask = false;
    CHECK_FALSE(f.judge().set_aside);
  }
}

TEST_CASE("codes that contradict the geometry are violations") {
  struct Case {
    std::size_t tile;
    std::uint8_t code;
    const char* what;
  };
  const auto c = GENERATE(values<Case>({{6, 1, "code 1, but causality masks the tile"},
                                        {7, 3, "code 3, but causality masks the tile"},
                                        {4, 2, "code 2, but the tile is diagonal"},
                                        {5, 0, "code 0, but the tile is diagonal"},
                                        {4, 1, "code 1, but the tile is diagonal"},
                                        {0, 0, "code 0, but the tile is off-diagonal"},
                                        {0, 3, "code 3, but the tile is off-diagonal"},
                                        {3, 0xEE, "code 238, but the tile is off-diagonal"},
                                        {6, 0xEE, "code 238, but causality masks the tile"}}));
  Fixture f;
  f.out_mask(c.tile) = c.code;
  f.masked().mask[c.tile] = judged_mask(f.problem, {0, 0, 2}, f.kernel())[c.tile];
  const GatingFinding g = f.judge().gating;
  CHECK(g.violations == 1);
  CHECK(g.ties == 0);
  CHECK(g.worst_k_block == static_cast<std::int64_t>(c.tile));
  CHECK(g.what.find(c.what) != std::string::npos);
}

TEST_CASE("an unwritten mask code is read as skipped") {
  Fixture f;
  f.out_mask(0) = 0xEE;
  CHECK(judged_mask(f.problem, {0, 0, 2}, f.kernel())[0] == TileCode::kSkipped);
  f.reports_mask = false;
  CHECK_THROWS_WITH(judged_mask(f.problem, {0, 0, 2}, f.kernel()), Catch::Contains("no mask"));
}

TEST_CASE("a tile_max beyond β is a violation even under a right mask") {
  Fixture f;
  const std::size_t tile = GENERATE(0U, 3U, 4U);
  const double exact = f.evaluation.statistics.tile_max[tile];
  f.out_tile_max(tile) = static_cast<float>(exact - kBeta);
  const GatingFinding at = f.judge().gating;
  CHECK(at.violations == 0);
  CHECK(at.tile_max_ratio == 1.0);
  CHECK(at.worst_k_block == static_cast<std::int64_t>(tile));
  CHECK(at.tile_error[tile] == static_cast<float>(kBeta));

  f.out_tile_max(tile) = static_cast<float>(exact - kBeta - 0x1p-18);
  const GatingFinding beyond = f.judge().gating;
  CHECK(beyond.violations == 1);
  CHECK(beyond.what.find("tile_max") != std::string::npos);
}

TEST_CASE("a tile_max outside the causal triangle is nobody's business") {
  Fixture f;
  f.out_tile_max(6) = 123.0F;
  const GatingFinding g = f.judge().gating;
  CHECK(g.violations == 0);
  CHECK(g.tile_error[6] == 0.0F);
}

TEST_CASE("a NaN tile_max where the reference has a number is a violation") {
  Fixture f;
  f.out_tile_max(2) = kNanF;
  f.out_tile_max(3) += 1.0F;
  const GatingFinding g = f.judge().gating;
  CHECK(g.violations == 2);
  CHECK(std::isnan(g.tile_max_ratio));
  CHECK(std::isnan(g.tile_error[2]));
}

TEST_CASE("with a bounded β, NaN must match NaN and infinities must be equal") {
  Fixture f;
  const double exact = GENERATE(as<double>{}, kNan, kInf, -kInf);
  f.score(4, exact);  // diagonal: only the value is judged
  CHECK(f.judge().gating.violations == 0);
  for (const float other : {0.0F, kNanF, kInfF, -kInfF}) {
    if (std::isnan(other) == std::isnan(exact) &&
        (std::isnan(exact) || static_cast<double>(other) == exact)) {
      continue;
    }
    f.out_tile_max(4) = other;
    CHECK(f.judge().gating.violations == 1);
  }
}

TEST_CASE("a NaN tile must be kept whatever the threshold") {
  Fixture f;
  set_tau(f, GENERATE(as<float>{}, kTau, kInfF, -kInfF));
  f.score(0, kNan);
  f.score(1, kNan);
  f.score(2, -0x1p100);
  f.score(3, -0x1p100);
  f.decide(1, TileCode::kSkipped);
  const bool keep_all = f.thresholds.keeps_all();
  f.decide(2, keep_all ? TileCode::kKept : TileCode::kSkipped);
  f.decide(3, keep_all ? TileCode::kKept : TileCode::kSkipped);
  const GatingFinding g = f.judge().gating;
  CHECK(g.ties == 0);
  CHECK(g.violations == 1);
  CHECK(g.worst_k_block == 1);
}

TEST_CASE("at τ = +inf every tile with a number must be skipped, however large") {
  Fixture f;
  set_tau(f, kInfF);
  f.decide(1, TileCode::kSkipped);
  f.score(0, GENERATE(as<double>{}, 3.0, 0x1p127, kInf));
  const GatingFinding kept = f.judge().gating;
  CHECK(kept.violations == 1);
  CHECK(kept.ties == 0);
  f.decide(0, TileCode::kSkipped);
  CHECK(f.judge().gating.violations == 0);
}

TEST_CASE("at τ = -inf skipping is a violation, even of a tile of -inf or of unbounded β") {
  Fixture f;
  set_tau(f, -kInfF);
  f.decide(2, TileCode::kKept);
  f.decide(3, TileCode::kKept);
  CHECK(f.judge().gating.violations == 0);
  f.decide(2, TileCode::kSkipped);
  SECTION("an ordinary tile") {}
  SECTION("a tile of -inf") {
    f.score(2, -kInf);
  }
  SECTION("a tile of unbounded β") {
    make_unbounded(f, 2, 1.0, false);
  }
  const GatingFinding g = f.judge().gating;
  CHECK(g.violations == 1);
  CHECK(g.ties == 0);
  CHECK(g.what.find("nothing may be skipped") != std::string::npos);
}

TEST_CASE("where fp32 promises nothing, keeping is right and skipping only without NaN and +inf") {
  Fixture f;
  SECTION("kept although the exact scores lie below") {
    make_unbounded(f, 0, -1e39, false);
    CHECK(f.judge().gating.violations == 0);
  }
  SECTION("kept at τ = +inf: fp32 may have seen NaN") {
    set_tau(f, kInfF);
    f.decide(1, TileCode::kSkipped);
    make_unbounded(f, 0, 1e39, false);
    CHECK(f.judge().gating.violations == 0);
  }
  SECTION("kept at τ = +inf with a +inf score") {
    set_tau(f, kInfF);
    f.decide(1, TileCode::kSkipped);
    make_unbounded(f, 0, kInf, true);
    CHECK(f.judge().gating.violations == 0);
  }
  SECTION("skipped although the exact scores lie above") {
    make_unbounded(f, 2, 1e39, false);
    const BlockVerdict block = f.judge();
    CHECK(block.gating.violations == 0);
    CHECK(block.skipped_beyond_ties == 1);  // tile 3 alone proves something
  }
  SECTION("skipped with a NaN score") {
    make_unbounded(f, 2, kNan, true);
    CHECK(f.judge().gating.violations == 1);
  }
  SECTION("skipped with a +inf score") {
    make_unbounded(f, 2, kInf, true);
    CHECK(f.judge().gating.violations == 1);
  }
  SECTION("skipped with a +inf score at τ = +inf, as the rule says") {
    set_tau(f, kInfF);
    f.decide(0, TileCode::kSkipped);
    f.decide(1, TileCode::kSkipped);
    make_unbounded(f, 2, kInf, true);
    CHECK(f.judge().gating.violations == 0);
  }
  SECTION("its tile_max is not compared") {
    make_unbounded(f, 0, 3.0, false);
    f.out_tile_max(0) = GENERATE(as<float>{}, kNanF, kInfF, 0.0F);
    const GatingFinding g = f.judge().gating;
    CHECK(g.violations == 0);
    CHECK(g.tile_max_ratio == 0.0);
  }
}

TEST_CASE("with gating off a skipped tile is a violation") {
  Fixture f;
  f.gated = false;
  const GatingFinding g = f.judge().gating;
  CHECK(g.violations == 2);
  CHECK(g.worst_k_block == 2);
}

TEST_CASE("several wrong tiles are counted, a tile wrong twice once") {
  Fixture f;
  f.decide(0, TileCode::kSkipped);
  f.out_tile_max(0) = 99.0F;
  f.out_mask(6) = 1;
  CHECK(f.judge().gating.violations == 2);
}

TEST_CASE("without a mask, a Q block whose decisions rounding may turn is set aside") {
  Fixture f;
  f.reports_mask = false;
  f.reports_tile_max = false;
  SECTION("no tile near the threshold: judged") {
    f.out(0, 0) = kNanF;
    const BlockVerdict block = f.judge();
    CHECK_FALSE(block.set_aside);
    CHECK_FALSE(block.arithmetic.passed);
    CHECK(block.gating.tile_error.empty());
  }
  SECTION("a tile within β: not judged, method still measured") {
    f.score(2, 1.5 - kBeta);
    f.out(0, 0) = kNanF;
    const BlockVerdict block = f.judge();
    CHECK(block.set_aside);
    CHECK(block.arithmetic.passed);
    CHECK(block.arithmetic.row_error.empty());
    CHECK_FALSE(block.distinguishes);
    CHECK(block.method.squared_difference > 0.0);
    CHECK(block.tiles.kept == 2);
  }
  SECTION("a diagonal tile near the threshold does not matter") {
    f.score(4, 1.5);
    CHECK_FALSE(f.judge().set_aside);
  }
  SECTION("unbounded β is doubt") {
    make_unbounded(f, 2, 1.0, false);
    CHECK(f.judge().set_aside);
  }
  SECTION("unbounded β of a tile that must be kept is none") {
    make_unbounded(f, 0, kNan, true);
    CHECK_FALSE(f.judge().set_aside);
  }
  SECTION("τ = -inf leaves no doubt, nor does gating off") {
    set_tau(f, -kInfF);
    make_unbounded(f, 2, 1.0, false);
    CHECK_FALSE(f.judge().set_aside);
    f.gated = false;
    CHECK_FALSE(f.judge().set_aside);
  }
  SECTION("a wrong tile_max is still seen") {
    f.reports_tile_max = true;
    f.out_tile_max(1) = 0.0F;
    CHECK(f.judge().gating.violations == 1);
  }
}

TEST_CASE("ties do not count as skipping") {
  Fixture f;
  CHECK(f.judge().skipped_beyond_ties == 2);
  f.score(2, 1.5 - kBeta);
  CHECK(f.judge().skipped_beyond_ties == 1);
  f.decide(3, TileCode::kKept);
  CHECK(f.judge().skipped_beyond_ties == 0);
}

TEST_CASE("tiles are counted by the geometry under the judged mask") {
  Fixture f;
  const TileCounts counts = f.judge().tiles;
  CHECK(counts == TileCounts{4, 2, 2, 2});
  CHECK(counts.density() == 0.5);
  CHECK_FALSE(TileCounts{}.density().has_value());
}

}  // namespace bsfa::analysis
