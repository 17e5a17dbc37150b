// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <catch2/catch.hpp>

#include "tests/mutants/false_alarm.h"
#include "tests/mutants/mutant_kernel.h"
#include "tests/support/check.h"
#include "tests/support/quantile.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

Trial hostile_trial(const std::string& kind, core::Dtype dtype) {
  core::Problem p;
  p.heads = 4;
  p.q_len = p.kv_len = 321;
  p.head_dim = 64;
  p.dtype = dtype;
  constexpr std::uint64_t kSeed = 7;
  Trial made;
  made.name = kind + " in " + std::string(core::name_of(dtype));
  made.data = io::generate(kind, core::with_default_scale(p), kSeed);
  made.thresholds = quantile_thresholds(made.data, 0.5);
  return made;
}

}  // namespace

TEST_CASE("the cpu kernel is not accused on 30 random problems of up to 1000 tokens") {
  require_no_false_alarms(kernels::find_kernel("cpu"), 1, 30,
                          {.longest = 1000, .most_scores = 1'000'000});
}

TEST_CASE("a correct kernel is not accused on any kind of input") {
  Seen seen;
  for (const auto& generator : io::generators()) {
    for (const core::Dtype dtype : {core::Dtype::kFloat16, core::Dtype::kBfloat16}) {
      const Trial trial = hostile_trial(std::string(generator.name), dtype);
      require_no_false_alarm(kernels::find_kernel("cpu"), trial, seen);
      require_no_false_alarm(mutant_kernel(Mutation::kNone), trial, seen);
    }
  }
  CHECK(seen.passed > seen.inconclusive);
  CHECK(seen.skipped > 0);
}

TEST_CASE("a check without gating is inconclusive and passes, for nothing else was asked") {
  const Trial trial = hostile_trial("structured", core::Dtype::kFloat16);
  const Checked checked = check(kernels::find_kernel("cpu"), trial.data, nullptr);
  INFO(checked.text());
  CHECK(checked.verdict.outcome == analysis::Outcome::kInconclusive);
  CHECK(checked.verdict.passed);
  CHECK(checked.verdict.tiles.skipped == 0);
  CHECK(checked.verdict.tiles.kept > 0);
}

TEST_CASE("a kernel that drops tiles with NaN fails where there is NaN in Q or K") {
  for (const char* kind : {"nan-q", "nan-k"}) {
    for (const bool want_mask : {true, false}) {
      const Trial trial = hostile_trial(kind, core::Dtype::kFloat16);
      CheckOptions options;
      options.want_mask = want_mask;
      const Checked checked =
          check(mutant_kernel(Mutation::kNanTileDropped), trial.data, &trial.thresholds, options);
      INFO(trial.name << (want_mask ? " with" : " without") << " a mask: " << checked.text());
      CHECK(checked.verdict.outcome == analysis::Outcome::kFail);
      CHECK(checked.verdict.gating_failed == want_mask);
    }
  }
}
