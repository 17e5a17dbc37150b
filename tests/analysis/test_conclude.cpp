// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>

#include "tests/analysis/fixture.h"

namespace bsfa::analysis {
namespace {

RunFacts with_mask() {
  RunFacts facts;
  facts.mask_reported = true;
  return facts;
}

/// A judged block of head `head` that skipped two tiles and shows it.
BlockVerdict good_block(std::int64_t head) {
  BlockVerdict block = Fixture().judge();
  block.item.head = head;
  return block;
}

std::string only_reason(const Verdict& verdict) {
  REQUIRE(verdict.reasons.size() == 1);
  return verdict.reasons.front();
}

}  // namespace

TEST_CASE("a right kernel that skipped something visible passes without reasons") {
  const std::vector<BlockVerdict> blocks{good_block(0), good_block(1)};
  const Verdict v = conclude(blocks, with_mask());
  CHECK(v.outcome == Outcome::kPass);
  CHECK(v.passed);
  CHECK(v.reasons.empty());
  CHECK_FALSE(v.gating_inferred);
  CHECK(v.checked_blocks == 2);
  CHECK(v.tiles == TileCounts{8, 4, 4, 4});
  CHECK(v.retained_mass == 0.875);
  CHECK(v.retained_mass_min == 0.875);
  CHECK(v.certificate == blocks[0].method.certificate);
  CHECK(v.method_relative_l2 == Approx(blocks[0].method.relative_l2()));
  CHECK_FALSE(v.worst_gating.has_value());
  CHECK(name_of(v.outcome) == "pass");
}

TEST_CASE("one block beyond its bound fails the kernel and is named") {
  std::vector<BlockVerdict> blocks{good_block(0), good_block(1), good_block(2)};
  Fixture f;
  f.out(1, 2) += 0.5F;
  blocks[1] = f.judge();
  blocks[1].item = {0, 1, 2};
  const Verdict v = conclude(blocks, with_mask());
  CHECK(v.outcome == Outcome::kFail);
  CHECK_FALSE(v.passed);
  CHECK(v.arithmetic_failed);
  CHECK_FALSE(v.gating_failed);
  CHECK_FALSE(v.contract_failed);
  CHECK(v.arithmetic_ratio == Approx(0.5 / Fixture::kBound));
  CHECK(v.worst_arithmetic == core::WorkItem{0, 1, 2});
  CHECK(only_reason(v) ==
        "arithmetic: head 1, Q block 2, row 9, channel 2: |O - ref| = 0.5, bound 0.0034 (146x)");
}

TEST_CASE("of many failing blocks the worst is named, and NaN is worse than any number") {
  std::vector<BlockVerdict> blocks;
  for (std::int64_t head = 0; head < 3; ++head) {
    Fixture f;
    f.out(0, 0) += head == 2 ? 9.0F : 1.0F;
    if (head == 1) f.out(3, 1) = kNanF;
    blocks.push_back(f.judge());
    blocks.back().item = {1, head, 2};
  }
  const Verdict v = conclude(blocks, with_mask());
  CHECK(std::isnan(v.arithmetic_ratio));
  CHECK(v.worst_arithmetic == core::WorkItem{1, 1, 2});
  CHECK(only_reason(v) ==
        "arithmetic: batch 1, head 1, Q block 2, row 11, channel 1: O is NaN, the reference is not "
        "(and 2 more Q blocks)");
}

TEST_CASE("a wrong LSE alone fails arithmetic") {
  Fixture f;
  f.out_lse(3) = 3.0F;
  const std::vector<BlockVerdict> blocks{f.judge()};
  const Verdict v = conclude(blocks, with_mask());
  CHECK(v.arithmetic_failed);
  CHECK(v.arithmetic_ratio == blocks[0].arithmetic.lse_ratio);
  CHECK(only_reason(v).find("row 11: |LSE - ref| = 1") != std::string::npos);
}

TEST_CASE("one gating violation fails the kernel, ties do not") {
  std::vector<BlockVerdict> blocks{good_block(0), good_block(1)};
  blocks[0].gating.ties = 5;
  CHECK(conclude(blocks, with_mask()).outcome == Outcome::kPass);
  Fixture f;
  f.out_tile_max(3) = 1.0F;
  blocks[1] = f.judge();
  const Verdict v = conclude(blocks, with_mask());
  CHECK(v.outcome == Outcome::kFail);
  CHECK(v.gating_failed);
  CHECK_FALSE(v.arithmetic_failed);
  CHECK(v.ties == 5);
  CHECK(v.violations == 1);
  CHECK(v.worst_gating == core::WorkItem{0, 0, 2});
  CHECK(only_reason(v) ==
        "gating: head 0, Q block 2, K block 3: tile_max 1, but is 0 (beta 0.016)");
}

TEST_CASE("a mask that contradicts its own tile_max fails even where no block was sampled there") {
  const std::vector<BlockVerdict> blocks{good_block(0)};
  RunFacts facts = with_mask();
  facts.self_consistency = {100, 3, "head 7, Q block 1, K block 0: kept, but ..."};
  const Verdict v = conclude(blocks, facts);
  CHECK(v.outcome == Outcome::kFail);
  CHECK(v.gating_failed);
  CHECK(v.violations == 0);
  CHECK(v.inconsistent_tiles == 3);
  CHECK(only_reason(v).find("gating: 3 of 100 tiles") == 0);
}

TEST_CASE("contract faults and runs that differ fail whatever the numbers say") {
  const std::vector<BlockVerdict> blocks{good_block(0)};
  RunFacts facts = with_mask();
  facts.keep_all_requested = true;
  SECTION("a fault") {
    facts.faults = {"o: wrote 4 bytes behind the end"};
  }
  SECTION("a difference") {
    facts.difference_between_runs = "o at batch 0, head 0, row 3";
  }
  const Verdict v = conclude(blocks, facts);
  CHECK(v.outcome == Outcome::kFail);
  CHECK_FALSE(v.passed);
  CHECK(v.contract_failed);
  CHECK(only_reason(v).find("contract: ") == 0);
}

TEST_CASE("every kind of failure is told, contract first") {
  Fixture f;
  f.out(0, 0) = kNanF;
  f.out_mask(6) = 1;
  const std::vector<BlockVerdict> blocks{f.judge()};
  RunFacts facts = with_mask();
  facts.faults = {"a", "b"};
  const Verdict v = conclude(blocks, facts);
  REQUIRE(v.reasons.size() == 4);
  CHECK(v.reasons[0] == "contract: a");
  CHECK(v.reasons[2].find("arithmetic: ") == 0);
  CHECK(v.reasons[3].find("gating: ") == 0);
}

TEST_CASE("a check that skipped nothing beyond ties is inconclusive") {
  std::vector<BlockVerdict> blocks{good_block(0), good_block(1)};
  for (BlockVerdict& block : blocks) block.skipped_beyond_ties = 0;
  RunFacts facts = with_mask();
  const Verdict v = conclude(blocks, facts);
  CHECK(v.outcome == Outcome::kInconclusive);
  CHECK_FALSE(v.passed);
  CHECK(only_reason(v) == "inconclusive: nothing was skipped beyond ties");
  CHECK(name_of(v.outcome) == "inconclusive");

  facts.keep_all_requested = true;
  CHECK(conclude(blocks, facts).outcome == Outcome::kInconclusive);
  CHECK(conclude(blocks, facts).passed);
  blocks[1].skipped_beyond_ties = 1;
  CHECK(conclude(blocks, with_mask()).outcome == Outcome::kPass);
}

TEST_CASE("a check that dense attention would pass too is inconclusive") {
  std::vector<BlockVerdict> blocks{good_block(0), good_block(1)};
  for (BlockVerdict& block : blocks) block.distinguishes = false;
  const Verdict v = conclude(blocks, with_mask());
  CHECK(v.outcome == Outcome::kInconclusive);
  CHECK(only_reason(v).find("masked and dense outputs agree") != std::string::npos);
  blocks[0].distinguishes = true;
  CHECK(conclude(blocks, with_mask()).outcome == Outcome::kPass);
}

TEST_CASE("a failure beats inconclusive") {
  BlockVerdict block = good_block(0);
  block.skipped_beyond_ties = 0;
  block.gating.violations = 1;
  const Verdict v = conclude({&block, 1}, with_mask());
  CHECK(v.outcome == Outcome::kFail);
  CHECK(only_reason(v).find("gating: ") == 0);
}

TEST_CASE("nothing checked is inconclusive, and keep-all does not excuse it") {
  RunFacts facts = with_mask();
  facts.keep_all_requested = GENERATE(false, true);
  SECTION("no Q block") {
    const Verdict v = conclude({}, facts);
    CHECK(v.outcome == Outcome::kInconclusive);
    CHECK_FALSE(v.passed);
    CHECK(only_reason(v) == "inconclusive: no Q block was checked");
  }
  SECTION("all set aside") {
    facts.mask_reported = false;
    std::vector<BlockVerdict> blocks{good_block(0), good_block(1)};
    for (BlockVerdict& block : blocks) block.set_aside = true;
    const Verdict v = conclude(blocks, facts);
    CHECK(v.outcome == Outcome::kInconclusive);
    CHECK_FALSE(v.passed);
    CHECK(v.set_aside == 2);
    CHECK(v.checked_blocks == 0);
    CHECK(v.gating_inferred);
    CHECK(v.tiles.off_diagonal == 8);
    CHECK(only_reason(v).find("all 2 Q blocks were set aside") != std::string::npos);
  }
  SECTION("every channel exempt") {
    Fixture f;
    f.masked().exempt_channel.assign(3, 1);
    const BlockVerdict block = f.judge();
    const Verdict v = conclude({&block, 1}, facts);
    CHECK(v.outcome == Outcome::kInconclusive);
    CHECK_FALSE(v.passed);
    CHECK(v.exempt_channels == 3);
  }
}

TEST_CASE("blocks set aside prove nothing, the others still do") {
  std::vector<BlockVerdict> blocks{good_block(0), good_block(1)};
  blocks[0].set_aside = true;
  RunFacts facts;
  const Verdict v = conclude(blocks, facts);
  CHECK(v.outcome == Outcome::kPass);
  CHECK(v.checked_blocks == 1);
  CHECK(v.set_aside == 1);
  blocks[1].distinguishes = false;
  CHECK(conclude(blocks, facts).outcome == Outcome::kInconclusive);
}

TEST_CASE("method figures pool blocks by their rows and name the worst") {
  std::vector<BlockVerdict> blocks{good_block(0), good_block(1)};
  MethodFinding& a = blocks[0].method;
  MethodFinding& b = blocks[1].method;
  a = {9.0, 100.0, 1.0, 0.5, 0.25, 3, 0.5};
  b = {16.0, 0.0, 2.0, 1.0, 1.0, 1, 0.25};
  const Verdict v = conclude(blocks, with_mask());
  CHECK(v.method_relative_l2 == 0.5);
  CHECK(v.worst_method == blocks[1].item);
  CHECK(v.retained_mass == 0.625);
  CHECK(v.retained_mass_min == 0.25);
  CHECK(v.certificate == 0.5);
}

}  // namespace bsfa::analysis
