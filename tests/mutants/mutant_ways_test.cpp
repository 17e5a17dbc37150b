// SPDX-License-Identifier: Apache-2.0
// Mutants by other ways than a whole problem in this process: sampled, and as a shared library.
#include <string>

#include <catch2/catch.hpp>

#include "tests/mutants/mutant_kernel.h"
#include "tests/mutants/scenarios.h"
#include "tests/support/check.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

constexpr std::int64_t kSample = 12;

Checked check_sampled(const kernels::Kernel& kernel, const char* name) {
  const Scenario& s = scenario(name);
  CheckOptions options;
  options.sample = kSample;
  return check(kernel, s.data, &s.thresholds, options);
}

std::string plugin_path() {
  return std::string(BSFA_BINARY_DIR) + "/tests/bsfa-mutants.so";
}

}  // namespace

TEST_CASE("a correct kernel passes a sample of its Q blocks") {
  const Checked checked = check_sampled(mutant_kernel(Mutation::kNone), "causal");
  INFO(checked.text());
  CHECK(checked.verdict.passed);
  CHECK(checked.verdict.checked_blocks == kSample);
  CHECK(checked.verdict.tiles.skipped > 0);
  CHECK(checked.verdict.tiles.kept > 0);
}

TEST_CASE("mistakes that touch many Q blocks show in a sample of them") {
  const Mutation mutation =
      GENERATE(Mutation::kThresholdByKBlock, Mutation::kLog2Scores, Mutation::kScaleTwice,
               Mutation::kValuesOfNextTile, Mutation::kOutputNotRescaled, Mutation::kLseInLog2,
               Mutation::kOrderChangesBetweenRuns);
  const Checked checked = check_sampled(mutant_kernel(mutation), "causal");
  INFO(info_of(mutation).name << ": " << checked.text());
  CHECK(checked.verdict.outcome == analysis::Outcome::kFail);
}

TEST_CASE("a work item that is not computed breaks the contract") {
  const Checked checked = check_sampled(mutant_kernel(Mutation::kLastWorkItemDropped), "causal");
  INFO(checked.text());
  CHECK(checked.verdict.outcome == analysis::Outcome::kFail);
  CHECK(checked.verdict.contract_failed);
}

TEST_CASE("the tile that a mask claims and the kernel skips holds over 5 % of the mass") {
  const Scenario& s = scenario("causal");
  double mass = 0.0;
  std::int64_t blocks = 0;
  CheckOptions options;
  options.on_block = [&](const core::BlockEvaluation& evaluation, const analysis::BlockVerdict&) {
    if (evaluation.masked[0].mask[0] != core::TileCode::kKept) return;
    mass += static_cast<double>(evaluation.statistics.tile_mass[0]);
    ++blocks;
  };
  const Checked checked =
      check(mutant_kernel(Mutation::kKeptTileNotComputed), s.data, &s.thresholds, options);
  INFO(checked.text());
  CHECK(checked.verdict.arithmetic_failed);
  CHECK_FALSE(checked.verdict.gating_failed);
  REQUIRE(blocks > 0);
  CHECK(mass / static_cast<double>(blocks) >= 0.05);
}

TEST_CASE("a shared library of mutants loads, and its first kernel is the correct one") {
  const kernels::Kernel plain = kernels::find_kernel(plugin_path());
  CHECK(plain.name() == "plain");
  CHECK(check_sampled(plain, "causal").verdict.passed);

  const kernels::Kernel wrong = kernels::find_kernel(plugin_path() + ":lse-in-log2");
  CHECK(wrong.name() == "lse-in-log2");
  CHECK(check_sampled(wrong, "causal").verdict.arithmetic_failed);
}
