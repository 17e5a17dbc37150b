// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/false_alarm.h"

#include <catch2/catch.hpp>

#include "tests/mutants/mutant_kernel.h"

using namespace bsfa;
using namespace bsfa::test;

// With the 30 of small_false_alarm_test.cpp these are 300.
TEST_CASE("the cpu kernel is not accused on 270 random problems of up to 4096 tokens") {
  require_no_false_alarms(kernels::find_kernel("cpu"), 31, 270, 4096);
}

TEST_CASE("a kernel that rounds P to the dtype is not accused on 100 random problems") {
  require_no_false_alarms(mutant_kernel(Mutation::kNone), 1001, 100, 4096);
}
