// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/false_alarm.h"

#include <cstdint>

#include <catch2/catch.hpp>

#include "tests/mutants/mutant_kernel.h"
#include "tests/support/check.h"

using namespace bsfa;
using namespace bsfa::test;

// With the 30 of small_false_alarm_test.cpp these are 300.
TEST_CASE("the cpu kernel is not accused on 270 random problems of up to 4096 tokens") {
  require_no_false_alarms(kernels::find_kernel("cpu"), 31, 270);
}

TEST_CASE("a kernel that rounds P to the dtype is not accused on 100 random problems") {
  require_no_false_alarms(mutant_kernel(Mutation::kNone), 1001, 100);
}

TEST_CASE("a correct kernel that reports no mask is not accused on 30 random problems") {
  std::int64_t proven = 0, set_aside = 0;
  for (std::uint64_t seed = 2001; seed < 2031; ++seed) {
    const Trial trial = draw_trial(seed, {.longest = 1000});
    CheckOptions options;
    options.want_mask = false;
    const auto verdict =
        check(mutant_kernel(Mutation::kNone), trial.data, &trial.thresholds, options).verdict;
    INFO(trial.name);
    CHECK(verdict.gating_inferred);
    CHECK(verdict.outcome != analysis::Outcome::kFail);
    proven += verdict.outcome == analysis::Outcome::kPass ? 1 : 0;
    set_aside += verdict.set_aside;
  }
  CHECK(proven > 10);
  CHECK(set_aside > 0);
}
