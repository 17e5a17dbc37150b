// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <thread>

#include <catch2/catch.hpp>

#include "profiler/cupti/pm_sampling.h"
#include "tests/profiler/fake_library.h"

using namespace bsfa;

namespace {

const std::vector<std::string> kMetrics = {"sm__cycles_active.avg", "sm__unknown.sum", "sm__b.sum"};
constexpr std::uint64_t kInterval = 1000;

std::vector<test::FakeSample> samples_of(const std::vector<double>& activity) {
  std::vector<test::FakeSample> samples;
  for (std::size_t i = 0; i < activity.size(); ++i) {
    samples.push_back({7000 + kInterval * i, 7000 + kInterval * (i + 1), activity[i]});
  }
  return samples;
}

void give(const test::FakeLibrary& library, const std::vector<test::FakeSample>& samples) {
  library.state().samples = samples.data();
  library.state().sample_count = samples.size();
}

profiler::SamplesResult collect(
    const test::FakeLibrary& library, const profiler::Launches& launches = [] {}) {
  return profiler::collect_samples(library.cupti(), library.device(), launches, kMetrics,
                                   kInterval);
}

}  // namespace

TEST_CASE("samples of the launch are decoded, and metrics that the GPU lacks are named") {
  const test::FakeLibrary library;
  const auto samples = samples_of({0, 2, 3, 0});
  give(library, samples);
  int launches = 0;
  const auto result = collect(library, [&] { ++launches; });
  CHECK(launches == 3);
  CHECK(library.state().starts == 1);
  CHECK(library.state().open == 0);
  CHECK(library.state().interval_ns == kInterval);
  CHECK(result.samples.start_ns == std::vector<std::uint64_t>{0, 1000});
  REQUIRE(result.samples.series.size() == 2);
  CHECK(result.samples.series[0].values == std::vector<float>{2, 3});
  CHECK(result.samples.series[1].metric == "sm__b.sum");
  CHECK(result.samples.series[1].values ==
        std::vector<float>{static_cast<float>(test::fake_value(9, 1)),
                           static_cast<float>(test::fake_value(9, 2))});
  CHECK(result.unknown == std::vector<std::string>{"sm__unknown.sum"});
  CHECK(result.dropped == 0);
}

TEST_CASE("what is sampled is measured, what warms up is not") {
  const test::FakeLibrary library;
  const auto samples = samples_of({0, 2, 0});
  give(library, samples);
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
  profiler::collect_samples(library.cupti(), library.device(), launches, kMetrics, kInterval);
  CHECK(warm_ups == 2);
  CHECK(measured == 1);
}

TEST_CASE("samples that the room for them did not hold are counted") {
  const test::FakeLibrary library;
  const auto samples = samples_of(std::vector<double>(200'000, 1.0));
  give(library, samples);
  const auto result = collect(library);
  // The first room was too small, and so was the larger one.
  CHECK(library.state().starts == 2);
  CHECK(result.samples.start_ns.size() == library.state().room);
  CHECK(result.dropped > 0);
  CHECK(library.state().open == 0);
}

TEST_CASE("a launch that begins late is sampled again with more room") {
  const test::FakeLibrary library;
  std::vector<double> activity(20'000, 0.0);
  std::fill(activity.begin() + 10'000, activity.begin() + 10'100, 1.0);
  const auto samples = samples_of(activity);
  give(library, samples);
  const auto result = collect(library);
  CHECK(library.state().starts == 2);
  CHECK(result.samples.start_ns.size() == 100);
  CHECK(result.dropped == 0);
}

TEST_CASE("room that ended after the launch is enough") {
  const test::FakeLibrary library;
  std::vector<double> activity(200'000, 0.0);
  std::fill(activity.begin() + 10, activity.begin() + 110, 1.0);
  const auto samples = samples_of(activity);
  give(library, samples);
  const auto result = collect(library);
  CHECK(library.state().starts == 1);
  CHECK(result.samples.start_ns.size() == 100);
  CHECK(result.dropped == 0);
}

TEST_CASE("a long launch is sampled less often, so that its samples can be held") {
  const test::FakeLibrary library;
  const auto samples = samples_of({1, 1});
  give(library, samples);
  const auto slow = [] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); };
  const auto result = collect(library, slow);
  CHECK(library.state().interval_ns >= 50'000'000 / profiler::kMostSamples);
  CHECK(result.samples.interval_ns == library.state().interval_ns);
  CHECK(library.state().room <= 4 * profiler::kMostSamples);
}

TEST_CASE("a hardware buffer that overflowed is a refusal that says so") {
  const test::FakeLibrary library;
  library.state().overflow = true;
  const auto samples = samples_of({1, 1});
  give(library, samples);
  CHECK_THROWS_WITH(
      collect(library),
      "cuptiPmSamplingDecodeData: the hardware's buffer overflowed, no sample is left");
  CHECK(library.state().open == 0);
}

TEST_CASE("metrics that do not fit one pass are refused, the first of them by name") {
  const test::FakeLibrary library;
  library.state().too_many_metrics = GENERATE(1U, 2U);
  const bool alone = library.state().too_many_metrics == 1;
  CHECK_THROWS_WITH(collect(library),
                    alone ? "samples of a launch have one pass, and the metrics take 3: "
                            "sm__cycles_active.avg alone takes more than one"
                          : "samples of a launch have one pass, and the metrics take 3: "
                            "sm__b.sum does not fit beside the 1 before it");
  CHECK(library.state().open == 0);
  CHECK(library.state().starts == 0);
}

TEST_CASE("whatever call of sampling fails, it is named and nothing stays open") {
  const test::FakeLibrary library;
  const auto samples = samples_of({0, 1, 0});
  give(library, samples);
  CHECK(test::refused_calls(library, [&] { collect(library); }) >= 20);
}

TEST_CASE("a launch that throws while it is sampled ends the sampling") {
  const test::FakeLibrary library;
  const auto samples = samples_of({0, 1, 0});
  give(library, samples);
  int launches = 0;
  const auto fails = [&] {
    if (++launches == 3) throw std::runtime_error("planted");
  };
  CHECK_THROWS_WITH(collect(library, fails), "planted");
  CHECK(library.state().starts == 1);
  CHECK(library.state().open == 0);
}
