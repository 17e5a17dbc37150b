// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/false_alarm.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/mutants/expectation.h"
#include "tests/support/check.h"

namespace bsfa::test {

void require_no_false_alarm(const kernels::Kernel& kernel, const Trial& trial, Seen& seen) {
  INFO(kernel.name() << ", " << trial.name);
  Expectation expectation(trial.data.problem, trial.thresholds);
  CheckOptions options;
  options.on_block = [&](const core::BlockEvaluation& evaluation, const analysis::BlockVerdict&) {
    expectation.add(evaluation);
  };
  const Checked checked = check(kernel, trial.data, &trial.thresholds, options);
  INFO(checked.text());
  // Blocks with ties are set aside where a kernel reports no mask, and with them what they prove.
  const bool exact = checked.verdict.set_aside == 0;
  const auto expected = exact || checked.verdict.outcome == analysis::Outcome::kFail
                            ? expectation.outcome()
                            : checked.verdict.outcome;
  CHECK(analysis::name_of(checked.verdict.outcome) == analysis::name_of(expected));
  const bool passes = expected == analysis::Outcome::kPass;
  CHECK(checked.verdict.passed == (passes || trial.thresholds.keeps_all()));
  (passes ? seen.passed : seen.inconclusive) += 1;
  seen.skipped += checked.verdict.tiles.skipped;
  seen.kept += checked.verdict.tiles.kept;
  seen.arithmetic_ratio = std::max(seen.arithmetic_ratio, checked.verdict.arithmetic_ratio);
}

void require_no_false_alarms(const kernels::Kernel& kernel, std::uint64_t first_seed,
                             std::uint64_t count, const TrialSize& size) {
  Seen seen;
  for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    require_no_false_alarm(kernel, draw_trial(seed, size), seen);
  }
  INFO(kernel.name() << ": " << seen.passed << " pass, " << seen.inconclusive << " prove nothing; "
                     << seen.skipped << " tiles skipped, " << seen.kept
                     << " kept; largest error over bound " << seen.arithmetic_ratio);
  CHECK(seen.passed > static_cast<std::int64_t>(count) / 4);
  CHECK(seen.skipped > 0);
  CHECK(seen.kept > 0);
}

}  // namespace bsfa::test
