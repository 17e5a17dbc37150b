// SPDX-License-Identifier: Apache-2.0
// The mistakes of the CPU suite, made by a GPU and caught there.
#include <memory>

#include <catch2/catch.hpp>

#include "tests/mutants/blame.h"
#include "tests/mutants/device_mutant_library.h"
#include "tests/mutants/false_alarm.h"
#include "tests/mutants/scenarios.h"
#include "tests/support/check.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

kernels::Kernel device_mutant(Mutation mutation) {
  class InProcess : public kernels::Library {
   public:
    InProcess() {
      origin_ = "device mutants";
      table_ = &device_mutant_library();
    }
  };
  return {std::make_shared<InProcess>(), &device_mutant_table(mutation)};
}

}  // namespace

TEST_CASE("the plain device kernel is not accused on 16 small random problems", "[small]") {
  require_no_false_alarms(device_mutant(Mutation::kNone), 1, 16,
                          {.longest = 1000, .most_scores = 1'000'000});
}

TEST_CASE("on a device, a wrong gate is caught, with a mask as gating, without as arithmetic") {
  require_blame(gate_rows(), device_mutant);
}

TEST_CASE("on a device, wrong softmax, accumulation or LSE is caught as arithmetic") {
  require_blame(arithmetic_rows(), device_mutant);
}

TEST_CASE("on a device, wrong scores are caught as gating and arithmetic") {
  require_blame(score_rows(), device_mutant);
}

TEST_CASE("on a device, a broken contract is caught whatever the numbers say", "[small]") {
  require_blame(contract_rows(), device_mutant);
}

TEST_CASE("on a device, a difference that changes no result passes") {
  require_blame(equivalent_rows(), device_mutant);
}

TEST_CASE("on a device, a work item that is not computed breaks the contract", "[small]") {
  const Scenario& s = scenario("causal");
  CheckOptions options;
  options.sample = 12;
  const auto verdict =
      check(device_mutant(Mutation::kLastWorkItemDropped), s.data, &s.thresholds, options).verdict;
  CHECK(verdict.outcome == analysis::Outcome::kFail);
  CHECK(verdict.contract_failed);
  CHECK(check(device_mutant(Mutation::kNone), s.data, &s.thresholds, options).verdict.passed);
}
