// SPDX-License-Identifier: Apache-2.0
// Passes of a profile, with collectors and failures that were made up.
#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "cli/profile/conclusions.h"
#include "cli/profile/launch_timer.h"
#include "cli/profile/passes.h"
#include "core/error.h"

using namespace bsfa;
using namespace bsfa::cli;

namespace {

template <typename Error>
traces::Facility failing(const Error& error) {
  return attempt("planted", [&](traces::Facility& facility) {
    facility.slowdown = 0.5;
    throw error;
  });
}

bool refused_with(const traces::Facility& facility, const std::string& words) {
  CHECK(facility.name == "planted");
  CHECK_THAT(facility.refusal, Catch::Contains(words));
  CHECK_FALSE(facility.slowdown);
  CHECK(facility.wall_ms >= 0.0);
  return facility.status == traces::Facility::Status::kRefused;
}

}  // namespace

TEST_CASE("whatever a pass throws is its refusal, in the words of what failed") {
  CHECK(refused_with(failing(profiler::Refused("hardware is busy", "wait")), "hardware is busy"));
  CHECK(refused_with(failing(core::UsageError("no such level")), "no such level"));
  CHECK(refused_with(failing(core::DeviceError("off the bus")), "off the bus"));
  CHECK(refused_with(failing(core::PluginError("theirs.so", "went wrong")), "theirs.so"));
  CHECK(refused_with(failing(core::OutputError("/nowhere", "no such folder")), "/nowhere"));
  CHECK(refused_with(failing(core::InputError("stalls.h5", "is cut off")), "is cut off"));
  CHECK(refused_with(failing(core::InvalidProblem("a tile_max is nan")), "nan"));
  CHECK(refused_with(failing(std::bad_alloc()), "out of memory"));
  CHECK(refused_with(
      failing(std::filesystem::filesystem_error("cannot make a folder", std::error_code())),
      "cannot make a folder"));
}

TEST_CASE("advice is kept, and where there is none it says what a refusal may come from") {
  CHECK(failing(profiler::Refused("hardware is busy", "wait")).advice == "wait");
  CHECK_THAT(failing(core::DeviceError("off the bus")).advice, Catch::Contains("before"));
}

TEST_CASE("an interrupt ends the profile and is no refusal") {
  CHECK_THROWS_AS(failing(core::Interrupted()), core::Interrupted);
}

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

TEST_CASE("records that are not all there are held to no count of the hardware") {
  core::Problem problem;
  problem.q_len = problem.kv_len = 128;
  problem.head_dim = 128;
  core::WorkRecord record;
  record.clock = core::ClockDomain::kGlobaltimerNs;
  record.end_ns = 100;
  record.tiles_seen = record.tiles_kept = record.qk_products = record.pv_products = 2;
  Collection c;
  c.records = {record};
  c.profile.compute_tile = {128, 64};
  c.profile.tensor_per_qk = c.profile.tensor_per_pv = 256;
  c.profile.counters = {{"tensor", "sm__inst_executed_pipe_tensor_op_hmma.sum", 2048.0}};
  c.profile.facilities.emplace_back().name = "work";
  CHECK(conclude(core::with_default_scale(problem), c, std::nullopt).tensor);
  c.profile.facilities.front().dropped = 1;
  CHECK_FALSE(conclude(core::with_default_scale(problem), c, std::nullopt).tensor);
}
