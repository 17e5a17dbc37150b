// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <catch2/catch.hpp>

#include "analysis/level_cost.h"

namespace bsfa::analysis {

TEST_CASE("what a level adds is paired round by round, so that drift is in neither") {
  // Each round is slower than the last by half; the level adds 2 % in every one.
  const std::vector<double> base{100.0, 150.0, 225.0, 337.5, 506.25};
  std::vector<double> times;
  for (const double time : base) times.push_back(1.02 * time);
  const auto added = added_cost(base, times);
  REQUIRE(added);
  CHECK(added->share == Approx(0.02));
  CHECK(added->deviation == Approx(0.0).margin(1e-12));
}

TEST_CASE("one disturbed round does not move what a level adds") {
  const auto added = added_cost(std::vector{10.0, 10.0, 10.0}, std::vector{11.0, 11.0, 90.0});
  REQUIRE(added);
  CHECK(added->share == Approx(0.1));
}

TEST_CASE("a level that was not timed in the same rounds adds nothing that can be told") {
  CHECK_FALSE(added_cost({}, {}));
  CHECK_FALSE(added_cost(std::vector{1.0, 1.0}, std::vector{1.0}));
  CHECK_FALSE(added_cost(std::vector{0.0}, std::vector{1.0}));
}

}  // namespace bsfa::analysis
