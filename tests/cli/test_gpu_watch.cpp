// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "cli/bench/gpu_watch.h"

using namespace bsfa;
using cli::GpuWatch;
using cli::Json;

TEST_CASE("a GPU's state before, between rounds and after is kept, what it refuses is null") {
  GpuWatch watch("00000000:3b:00.0", BSFA_FAKE_NVML);
  for (int round = 0; round < 3; ++round) watch.between_rounds();
  const Json json = cli::to_json(watch.finish());
  for (const char* when : {"before", "after"}) {
    CHECK(json[when]["sm_clock_mhz"] == 1755);
    CHECK(json[when]["power_w"] == 698.5);
    CHECK(json[when]["power_limit_w"] == nullptr);
    CHECK(json[when]["throttle_reasons"] == Json({"SwPowerCap", "SwThermalSlowdown"}));
  }
  // The second and third round came too soon after the first.
  CHECK(json["during"]["readings"] == 1);
  CHECK(json["during"]["temperature_c"] == Json({{"min", 63}, {"median", 63}, {"max", 63}}));
}

TEST_CASE("the report names clocks, power and why a GPU was throttled") {
  GpuWatch watch("00000000:3b:00.0", BSFA_FAKE_NVML);
  watch.between_rounds();
  const auto fields = cli::gpu_fields(watch.finish());
  REQUIRE(fields.size() == 3);
  CHECK(fields[0].second == "SM 1755 MHz, memory 3201 MHz");
  CHECK(fields[1].second == "698.5 W, 63 °C");
  CHECK(fields[2].second == "SwPowerCap, SwThermalSlowdown");
}

TEST_CASE("idle between rounds is no throttling, and clocks that moved are a range") {
  cli::GpuState state;
  state.before.power_limit_w = 700.0;
  for (const unsigned mhz : {1980U, 1700U, 1800U}) {
    kernels::GpuReading reading;
    reading.sm_clock_mhz = mhz;
    reading.power_w = 600.0;
    reading.throttle = kernels::kGpuIdle;
    state.during.push_back(reading);
  }
  const auto fields = cli::gpu_fields(state);
  CHECK(fields[0].second == "SM 1700 to 1980 MHz, memory not read");
  CHECK(fields[1].second == "600 W of 700 W, not read");
  CHECK(fields[2].second == "no");
  CHECK(cli::to_json(state)["during"]["sm_clock_mhz"]["median"] == 1800);
}

TEST_CASE("a GPU that cannot be read is said to be so, once") {
  GpuWatch watch("00000000:3b:00.0", "libno-such-thing.so.1");
  watch.between_rounds();
  const auto state = watch.finish();
  CHECK(cli::to_json(state) == Json({{"refused", "libno-such-thing.so.1 is not there"}}));
  CHECK(cli::gpu_fields(state).size() == 1);
}
