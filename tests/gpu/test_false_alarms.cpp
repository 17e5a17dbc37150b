// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

#include "tests/kernels/tested.h"
#include "tests/mutants/false_alarm.h"
#include "tests/mutants/scenarios.h"
#include "tests/support/check.h"

using namespace bsfa;
using namespace bsfa::test;

TEST_CASE("the kernel is not accused on 200 random problems of up to 4096 tokens") {
  require_no_false_alarms(tested_kernel(), 5001, 200);
}

TEST_CASE("the kernel is not accused on 16 small random problems", "[small]") {
  require_no_false_alarms(tested_kernel(), 1, 16, {.longest = 1000, .most_scores = 1'000'000});
}

TEST_CASE("the kernel is not accused on 40 random problems when it reports no mask") {
  std::int64_t proven = 0;
  for (std::uint64_t seed = 6001; seed < 6041; ++seed) {
    const Trial trial = draw_trial(seed, {.longest = 1000});
    CheckOptions options;
    options.want_mask = false;
    const Checked checked = check(tested_kernel(), trial.data, &trial.thresholds, options);
    INFO(trial.name << ": " << checked.text());
    CHECK(checked.verdict.gating_inferred);
    CHECK(checked.verdict.outcome != analysis::Outcome::kFail);
    proven += checked.verdict.outcome == analysis::Outcome::kPass ? 1 : 0;
  }
  CHECK(proven > 10);
}

TEST_CASE("the kernel passes on every problem that shows a mutant") {
  const std::string name =
      GENERATE("causal", "two-batches", "chunk", "short-table", "exact-ties", "ragged",
               "all-negative", "square-tiles", "large-tiles", "nan-key", "infinite-key",
               "infinite-value", "empty-row", "long");
  const bool want_mask = GENERATE(true, false);
  const Scenario& s = scenario(name);
  CheckOptions options;
  options.want_mask = want_mask;
  const Checked checked = check(tested_kernel(), s.data, &s.thresholds, options);
  INFO(name << (want_mask ? " with" : " without") << " a mask: " << checked.text());
  CHECK(checked.verdict.passed);
  CHECK(checked.verdict.tiles.skipped > 0);
  CHECK(checked.verdict.tiles.kept > 0);
  if (s.data.problem.gate == core::GateShape{}) {
    CHECK(checked.verdict.gating_inferred == !want_mask);
  }
}

TEST_CASE("a sample of a long problem's Q blocks is computed alone and passes") {
  core::Problem p;
  p.heads = 4;
  p.kv_heads = 2;
  p.q_len = p.kv_len = 16384;
  p.head_dim = 128;
  const auto data = io::generate("structured", core::with_default_scale(p), 3);
  const auto thresholds = core::Thresholds::constant(p.heads, p.gate, 6.0F);
  CheckOptions options;
  options.sample = 24;
  const Checked checked = check(tested_kernel(), data, &thresholds, options);
  INFO(checked.text());
  CHECK(checked.verdict.passed);
  CHECK(checked.verdict.checked_blocks == 24);
  CHECK(checked.verdict.tiles.skipped > 0);
  CHECK(checked.verdict.tiles.kept > 0);
}

TEST_CASE("without gating the kernel passes, for nothing else was asked", "[small]") {
  const Scenario& s = scenario("chunk");
  const Checked checked = check(tested_kernel(), s.data, nullptr);
  INFO(checked.text());
  CHECK(checked.verdict.passed);
  CHECK(checked.verdict.tiles.skipped == 0);
  CHECK(checked.verdict.tiles.kept > 0);
}
