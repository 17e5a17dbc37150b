// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <catch2/catch.hpp>

#include "profiler/cupti/range_profiler.h"
#include "tests/profiler/fake_library.h"

using namespace bsfa;

namespace {

const std::vector<profiler::MetricSet> kSets = {
    {"first", "purpose", {"sm__a.sum", "sm__unknown.sum"}}, {"second", "purpose", {"sm__bbb.avg"}}};

profiler::CountersResult collect(const test::FakeLibrary& library, int& launches) {
  return profiler::collect_counters(
      library.cupti(), library.device(), [&] { ++launches; }, kSets);
}

std::string refusal_of(const test::FakeLibrary& library) {
  int launches = 0;
  try {
    collect(library, launches);
  } catch (const profiler::Refused& refused) {
    CHECK(library.state().open == 0);
    return std::string(refused.what()) + " | " + refused.advice();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("a launch of one kernel is run once to warm up and once to be replayed") {
  const test::FakeLibrary library;
  int launches = 0;
  const auto result = collect(library, launches);
  CHECK(launches == 2);
  CHECK(library.state().starts == 1);
  CHECK(library.state().pushes == 0);
  CHECK(library.state().open == 0);
  CHECK(result.passes == 3);
}

TEST_CASE("what is replayed or repeated is measured, what warms up is not") {
  const test::FakeLibrary library;
  library.state().kernels = GENERATE(1U, 2U);
  int warm_ups = 0, measured = 0;
  const profiler::Launches launches(
      [&] {
        CHECK(library.state().open == 0);
        ++warm_ups;
      },
      [&] {
        CHECK(library.state().open > 0);
        ++measured;
      });
  profiler::collect_counters(library.cupti(), library.device(), launches, kSets);
  CHECK(warm_ups == 1);
  CHECK(measured == (library.state().kernels == 1 ? 1 : 1 + 3));
}

TEST_CASE("counters come in the order of their sets, with no value where the GPU lacks them") {
  const test::FakeLibrary library;
  int launches = 0;
  const auto result = collect(library, launches);
  REQUIRE(result.counters.size() == 3);
  CHECK(result.counters[0].set == "first");
  CHECK(result.counters[0].metric == "sm__a.sum");
  CHECK(result.counters[0].value == test::fake_value(9, 0));
  CHECK(result.counters[1].metric == "sm__unknown.sum");
  CHECK(std::isnan(result.counters[1].value));
  CHECK(result.counters[2].set == "second");
  CHECK(result.counters[2].value == test::fake_value(11, 0));
  CHECK(result.unknown == std::vector<std::string>{"sm__unknown.sum"});
}

TEST_CASE("what the chip has but this device has not is left out as well") {
  const test::FakeLibrary library;
  const std::vector<profiler::MetricSet> sets = {
      {"a", "b", {"sm__unavailable.sum", "sm__a.sum", "sm__unknown.sum"}}};
  const auto result = profiler::collect_counters(
      library.cupti(), library.device(), [] {}, sets);
  CHECK(std::isnan(result.counters[0].value));
  CHECK(result.counters[1].value == test::fake_value(9, 0));
  CHECK(result.unknown == std::vector<std::string>{"sm__unknown.sum", "sm__unavailable.sum"});
  CHECK_THROWS_WITH(profiler::collect_counters(library.cupti(), library.device(), [] {},
                                               {{"a", "b", {"sm__unavailable.sum"}}}),
                    "cuptiProfilerHostConfigAddMetrics: CUPTI_ERROR_OTHER: a sentence");
  CHECK(library.state().open == 0);
}

TEST_CASE("a launch of several kernels is repeated as a whole, once for each pass") {
  const test::FakeLibrary library;
  library.state().kernels = GENERATE(0U, 2U, 8U);
  int launches = 0;
  const auto result = collect(library, launches);
  CHECK(launches == 1 + 1 + 3);
  CHECK(library.state().pushes == 3);
  CHECK(library.state().open == 0);
  CHECK(result.counters[0].value == test::fake_value(9, 0));
}

TEST_CASE("kernels that were dropped are not taken for all there were") {
  const test::FakeLibrary library;
  library.state().ranges_dropped = 1;
  int launches = 0;
  collect(library, launches);
  CHECK(library.state().pushes == 3);
}

TEST_CASE("passes that never end are ended") {
  const test::FakeLibrary library;
  library.state().kernels = 2;
  library.state().passes_never_end = 1;
  CHECK_THAT(refusal_of(library), Catch::Contains("asks for more passes than it had announced"));
}

TEST_CASE("whatever call of counting fails, it is named and nothing stays open") {
  const test::FakeLibrary library;
  library.state().kernels = GENERATE(1U, 2U);
  int launches = 0;
  CHECK(test::refused_calls(library, [&] { collect(library, launches); }) >= 17);
}

TEST_CASE("a launch that throws while it is counted ends the counting") {
  const test::FakeLibrary library;
  library.state().kernels = GENERATE(1U, 2U);
  const int last = library.state().kernels == 1 ? 2 : 4;
  int launches = 0;
  const auto fails = [&] {
    if (++launches == last) throw std::runtime_error("planted");
  };
  CHECK_THROWS_WITH(profiler::collect_counters(library.cupti(), library.device(), fails, kSets),
                    "planted");
  CHECK(library.state().starts == last - 1);
  CHECK(library.state().open == 0);
}

TEST_CASE("refusals say what CUPTI said and what to do") {
  const test::FakeLibrary library;
  library.state().fail_call = 1;
  library.state().failure = CUPTI_ERROR_INSUFFICIENT_PRIVILEGES;
  CHECK(
      refusal_of(library) ==
      "cuptiProfilerInitialize: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES: a sentence | run as root, or "
      "have the administrator load the driver with NVreg_RestrictProfilingToAdminUsers=0");
}

TEST_CASE("a GPU that has none of the metrics is a refusal") {
  const test::FakeLibrary library;
  const auto launch = [] {};
  CHECK_THROWS_WITH(profiler::collect_counters(library.cupti(), library.device(), launch,
                                               {{"a", "b", {"sm__unknown.sum"}}}),
                    "chip FAKE100 has none of the 1 metrics that were asked for");
}

TEST_CASE("a library without a function that counting needs is refused by its name") {
  const test::FakeLibrary library(BSFA_FAKE_CUPTI_LACKING);
  CHECK_THAT(refusal_of(library), Catch::Contains("has no function cuptiRangeProfilerStart"));
}
