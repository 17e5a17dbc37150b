// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/analysis/fixture.h"

namespace bsfa::analysis {
namespace {

constexpr core::WorkItem kItem{0, 0, 2};

SelfConsistency check(const Fixture& f) {
  return check_self_consistency(f.problem, f.gated ? &f.thresholds : nullptr, {&kItem, 1},
                                f.kernel());
}

}  // namespace

TEST_CASE("a mask that follows from its own tile_max is consistent") {
  const SelfConsistency own = check(Fixture());
  CHECK(own.tiles == 8);
  CHECK(own.violations == 0);
  CHECK(own.first.empty());
}

TEST_CASE("a mask is held against the kernel's own tile_max, to the last bit") {
  Fixture f;
  SECTION("kept below") {
    f.out_tile_max(0) = std::nextafter(1.5F, 0.0F);
    const SelfConsistency own = check(f);
    CHECK(own.violations == 1);
    CHECK(own.first ==
          "head 0, Q block 2, K block 0: kept, but its own tile_max is 1.49999988 and the "
          "threshold 1.5");
  }
  SECTION("skipped at a tie") {
    f.out_tile_max(2) = 1.5F;
    CHECK(check(f).violations == 1);
  }
  SECTION("skipped with NaN") {
    f.out_tile_max(2) = kNanF;
    f.out_tile_max(3) = kNanF;
    CHECK(check(f).violations == 2);
  }
  SECTION("kept at τ = +inf") {
    f.thresholds.tau = {kInfF};
    f.out_tile_max(1) = kInfF;
    CHECK(check(f).violations == 2);
  }
  SECTION("codes against the geometry") {
    f.out_mask(5) = 2;
    f.out_mask(7) = 0xEE;
    CHECK(check(f).violations == 2);
  }
}

TEST_CASE("without tile_max the codes are still checked, without a mask nothing is") {
  Fixture f;
  f.reports_tile_max = false;
  CHECK(check(f).violations == 0);
  f.out_mask(4) = 2;
  CHECK(check(f).violations == 1);
  f.reports_mask = false;
  CHECK(check(f).tiles == 0);
}

TEST_CASE("with gating off a skipped tile is inconsistent, with or without tile_max") {
  Fixture f;
  f.gated = false;
  f.reports_tile_max = GENERATE(true, false);
  CHECK(check(f).violations == 2);
}

TEST_CASE("each batch entry and head is checked against its own threshold") {
  core::Problem problem;
  problem.batch = 2;
  problem.heads = 2;
  problem.q_len = problem.kv_len = 8;
  problem.gate = {2, 2};
  const core::Thresholds thresholds{2, 2, problem.gate, {0.0F, 10.0F, 0.0F, 20.0F}};
  const auto items = core::all_work_items(problem);
  std::vector<std::uint8_t> mask;
  const std::vector<float> tile_max(2 * 2 * 4 * 4, 15.0F);
  for (const core::WorkItem& item : items) {
    for (std::int64_t n = 0; n < 4; ++n) {
      const bool skipped = item.head == 1 && item.q_block > 0;
      mask.push_back(n > item.q_block ? 0 : n == item.q_block ? 3 : skipped ? 1 : 2);
    }
  }
  core::KernelOutput kernel;
  kernel.mask = mask.data();
  kernel.tile_max = tile_max.data();
  CHECK(check_self_consistency(problem, &thresholds, items, kernel).violations == 0);
  mask[(3 * 4 + 3) * 4] = 2;  // batch 1, head 1, Q block 3, K block 0
  const SelfConsistency own = check_self_consistency(problem, &thresholds, items, kernel);
  CHECK(own.tiles == 64);
  CHECK(own.violations == 1);
  CHECK(own.first.find("batch 1, head 1, Q block 3, K block 0: kept") == 0);
}

}  // namespace bsfa::analysis
