// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <catch2/catch.hpp>

#include "profiler/cupti/pc_sampler.h"
#include "profiler/host/collectors.h"
#include "tests/profiler_activity/fake_cupti_activity.h"

using namespace bsfa;

namespace {

const std::string kCode = "device code";
constexpr std::uint64_t kModule = 'd' + 'e' + 'v' + 'i' + 'c' + 'e' + ' ' + 'c' + 'o' + 'd' + 'e';
constexpr std::uint32_t kWait = 11, kBarrier = 12, kWaitNotIssued = 13, kCount = 10;
const std::string kPrefix = "smsp__pcsamp_warps_issue_stalled_";

test::FakeCupti& fresh() {
  test::FakeCupti& fake = test::fake_cupti();
  fake.refusals.clear();
  fake.addresses.clear();
  fake.late_addresses.clear();
  fake.most_addresses = 1000;
  fake.samples = fake.dropped_samples = 0;
  fake.usual_period = 14;
  fake.period = 0;
  fake.buffer_full = false;
  fake.reasons = {"smsp__pcsamp_sample_count", kPrefix + "wait", kPrefix + "barrier",
                  kPrefix + "wait_not_issued"};
  REQUIRE(!fake.sampling_enabled);
  return fake;
}

/// A folder of another place with the source that the fake's line table names.
struct Sources {
  Sources() {
    std::filesystem::create_directories(folder / "kernels/cuda");
    std::ofstream(folder / "kernels/cuda/planted.cuh") << "first line\n  second line;  \nthird\n";
  }
  ~Sources() { std::filesystem::remove_all(folder); }
  std::filesystem::path folder = std::filesystem::temp_directory_path() / "bsfa-test-stalls";
};

profiler::StallsResult stalls_of(test::FakeCupti& fake, int launches = 1) {
  profiler::keep_modules();
  fake.load_module(kCode);
  const Sources sources;
  return profiler::collect_stalls([] {}, launches, {sources.folder.string()});
}

}  // namespace

TEST_CASE("samples are told by source line and reason, with the line's text") {
  auto& fake = fresh();
  fake.addresses = {{kModule, "_Z7forwardv", 0, {{kWait, 5}, {kCount, 100}}},
                    {kModule, "_Z7forwardv", 16, {{kBarrier, 7}}},
                    {kModule, "_Z7forwardv", 20, {{kBarrier, 2}, {kWait, 1}}},
                    {kModule, "_Z7forwardv", 4096, {{kWait, 3}}},
                    {99, "_Z7unknownv", 0, {{kWait, 4}}}};
  fake.samples = 22;
  const auto result = stalls_of(fake);
  REQUIRE(result.stalls.size() == 5);
  const auto& most = result.stalls.front();
  CHECK(most.function == "forward()");
  CHECK(most.file == "kernels/cuda/planted.cuh");
  CHECK(most.line == 2);
  CHECK(most.text == "second line;");
  CHECK(most.reason == kPrefix + "barrier");
  CHECK(most.samples == 9);
  CHECK(result.stalls[1].text == "first line");
  CHECK(result.stalls[1].samples == 5);
  // Code that was loaded before anybody looked, and code without a line table.
  CHECK(result.stalls[2].function == "unknown()");
  CHECK(result.stalls[2].file == "");
  CHECK(result.stalls[3].file == "");
  CHECK(result.stalls[3].line == 0);
  CHECK(result.samples == 22);
  CHECK(result.dropped == 0);
  CHECK(!fake.sampling_enabled);
}

TEST_CASE("samples that come in parts, and those that come last, are all counted") {
  auto& fake = fresh();
  fake.most_addresses = 2;
  for (std::uint64_t i = 0; i < 7; ++i) {
    fake.addresses.push_back({kModule, "_Z7forwardv", 16 * i, {{kWait, 1}}});
  }
  fake.late_addresses = {{kModule, "_Z7forwardv", 0, {{kWait, 10}}}};
  fake.samples = 20;
  fake.dropped_samples = 3;
  const auto result = stalls_of(fake);
  CHECK(result.samples == 17);
  CHECK(result.stalls.front().samples == 11);
  CHECK(result.dropped == 3);
}

TEST_CASE("samples that another warp's issue hid are counted once, included in the others or not") {
  auto& fake = fresh();
  fake.addresses = {{kModule, "_Z7forwardv", 0, {{kWait, 10}, {kWaitNotIssued, 4}}}};
  SECTION("apart") {
    fake.samples = 14;
    CHECK(stalls_of(fake).samples == 14);
  }
  SECTION("included") {
    fake.samples = 10;
    CHECK(stalls_of(fake).samples == 10);
  }
  CHECK(!fake.sampling_enabled);
}

TEST_CASE("whatever is refused on the way, sampling is switched off and the refusal is CUPTI's") {
  auto& fake = fresh();
  profiler::keep_modules();
  const std::string function =
      GENERATE("cuptiPCSamplingEnable", "cuptiPCSamplingGetNumStallReasons",
               "cuptiPCSamplingGetStallReasons", "cuptiPCSamplingSetConfigurationAttribute",
               "cuptiPCSamplingStart", "cuptiPCSamplingStop", "cuptiPCSamplingGetData");
  fake.refusals[function] = CUPTI_ERROR_INSUFFICIENT_PRIVILEGES;
  try {
    profiler::collect_stalls([] {}, 1, {});
    FAIL("nothing was refused");
  } catch (const profiler::Refused& refused) {
    CHECK(refused.what() == function +
                                ": CUPTI_ERROR_INSUFFICIENT_PRIVILEGES: User doesn't have "
                                "sufficient rights");
    CHECK_THAT(refused.advice(), Catch::Contains("NVreg_RestrictProfilingToAdminUsers=0"));
  }
  CHECK(!fake.sampling_enabled);
}

TEST_CASE("a launch that throws ends sampling, and its exception passes through") {
  auto& fake = fresh();
  const profiler::Launches fails([] {}, [] { throw std::runtime_error("planted"); });
  CHECK_THROWS_WITH(profiler::collect_stalls(fails, 3, {}), "planted");
  CHECK(!fake.sampling_enabled);
  int warm_ups = 0, measured = 0;
  const profiler::Launches launches(
      [&] {
        CHECK(!fake.sampling_enabled);
        ++warm_ups;
      },
      [&] {
        CHECK(fake.sampling);
        ++measured;
      });
  CHECK_NOTHROW(profiler::collect_stalls(launches, 3, {}));
  CHECK(warm_ups == 1);
  CHECK(measured == 3);
}

TEST_CASE("a long kernel is launched until there are samples enough, at least once") {
  fresh();
  int measured = 0;
  const profiler::Launches launches([] {},
                                    [&] {
                                      ++measured;
                                      std::this_thread::sleep_for(std::chrono::milliseconds(60));
                                    });
  profiler::collect_stalls(launches, 20, {});
  CHECK(measured == 1);
}

TEST_CASE("a launch that would fill the hardware's buffer is sampled less often, others as usual") {
  auto& fake = fresh();
  const auto stalls = [&](int milliseconds) {
    fake.period = 0;
    profiler::collect_stalls(
        [&] { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }, 1, {});
    return fake.period;
  };
  CHECK(stalls(0) == 0);
  // 120 ms at least, more where the machine is busy.
  CHECK(stalls(120) >= 14 + 2);
  CHECK(stalls(120) <= 14 + 5);
  fake.usual_period = 0;
  CHECK(stalls(120) >= 15 + 2);
  fake.usual_period = 31;
  CHECK(stalls(120) == 31);
}

TEST_CASE("a sampling period doubles for every doubling of a long launch") {
  constexpr std::uint64_t kMs = 1'000'000;
  CHECK(profiler::sampling_period(14, 50 * kMs) == 14);
  CHECK(profiler::sampling_period(14, 51 * kMs) == 15);
  CHECK(profiler::sampling_period(14, 100 * kMs) == 15);
  CHECK(profiler::sampling_period(14, 101 * kMs) == 16);
  CHECK(profiler::sampling_period(14, 1600 * kMs) == 19);
  CHECK(profiler::sampling_period(30, 1600 * kMs) == 31);
  CHECK(profiler::sampling_period(14, ~std::uint64_t{0}) == 31);
}

TEST_CASE("a hardware buffer that filled counts as a loss, and with nothing left as a refusal") {
  auto& fake = fresh();
  fake.buffer_full = true;
  fake.addresses = {{kModule, "_Z7forwardv", 0, {{kWait, 5}}}};
  fake.samples = 5;
  CHECK(stalls_of(fake).dropped == 1);
  CHECK_THROWS_WITH(stalls_of(fake), Catch::Contains("buffer is full"));
  CHECK(!fake.sampling_enabled);
}

TEST_CASE("samples without a single address are a refusal, not an empty result") {
  auto& fake = fresh();
  fake.samples = 500;
  CHECK_THROWS_WITH(stalls_of(fake), "cuptiPCSamplingGetData: 500 samples, and no address of any");
  CHECK(!fake.sampling_enabled);
}
