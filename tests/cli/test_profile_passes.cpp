// SPDX-License-Identifier: Apache-2.0
// Passes of a profile, with collectors and failures that were made up.
#include <vector>

#include <catch2/catch.hpp>

#include "cli/profile/launch_timer.h"

using namespace bsfa;
using namespace bsfa::cli;

TEST_CASE("slowdown is that of the measured launches, however many warm-ups a collector asks for") {
  const int warm_ups = GENERATE(0, 1, 2, 7);
  bool disturbed = false;
  LaunchTimer timer([&] { return disturbed ? 3.0 : 2.0; }, 2.0);
  CHECK_FALSE(timer.slowdown());
  const profiler::Launches launches = timer.launches();
  for (int i = 0; i < warm_ups; ++i) launches.warm_up();
  CHECK_FALSE(timer.slowdown());
  disturbed = true;
  for (int i = 0; i < 2; ++i) launches.measured();
  CHECK(timer.slowdown() == Approx(0.5));
}

TEST_CASE("slowdown is the mean where measured launches differ") {
  std::vector<double> left = {4.0, 2.0};
  LaunchTimer timer(
      [&] {
        const double time = left.back();
        left.pop_back();
        return time;
      },
      1.5);
  const profiler::Launches launches = timer.launches();
  launches.measured();
  launches.measured();
  CHECK(timer.slowdown() == Approx(1.0));
}

TEST_CASE("a launch whose undisturbed time is unknown has no slowdown") {
  LaunchTimer timer([] { return 1.0; }, 0.0);
  timer.launches().measured();
  CHECK_FALSE(timer.slowdown());
}
