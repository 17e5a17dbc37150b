// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "profiler/host/launch_samples.h"

using namespace bsfa;
using profiler::RawSample;
using profiler::RawSamples;
using profiler::samples_of_launch;

namespace {

constexpr std::uint64_t kBegin = 5'000'000'000;

/// One sample every 1000 ns; of each, how active the SMs were and its number.
RawSamples samples_with(const std::vector<double>& activity) {
  RawSamples raw;
  raw.metrics = {"TPC.sm__cycles_active.avg", "sm__other.sum"};
  raw.interval_ns = 1000;
  for (std::size_t i = 0; i < activity.size(); ++i) {
    raw.samples.push_back(
        {kBegin + 1000 * i, kBegin + 1000 * (i + 1), {activity[i], static_cast<double>(i)}});
  }
  return raw;
}

}  // namespace

TEST_CASE("samples begin with the first in which an SM is active and end with the last") {
  const auto result = samples_of_launch(samples_with({0, 0, 3, 0, 5, 0, 0}));
  CHECK(result.samples.start_ns == std::vector<std::uint64_t>{0, 1000, 2000});
  CHECK(result.samples.interval_ns == 1000);
  CHECK(result.dropped == 0);
  REQUIRE(result.samples.series.size() == 2);
  CHECK(result.samples.series[0].metric == "TPC.sm__cycles_active.avg");
  CHECK(result.samples.series[0].values == std::vector<float>{3, 0, 5});
  CHECK(result.samples.series[1].values == std::vector<float>{2, 3, 4});
}

TEST_CASE("all samples are kept where no metric says which SMs are active") {
  auto raw = samples_with({0, 3, 0});
  raw.metrics[0] = "sm__pipe_tensor_cycles_active.avg";
  CHECK(samples_of_launch(raw).samples.start_ns == std::vector<std::uint64_t>{0, 1000, 2000});
}

TEST_CASE("samples that cover no time are left out, and all are in the order of time") {
  auto raw = samples_with({0, 1, 1, 1});
  std::swap(raw.samples[1], raw.samples[3]);
  raw.samples.push_back({kBegin, kBegin, {9, 9}});
  raw.samples.push_back({0, 0, {9, 9}});
  const auto result = samples_of_launch(raw);
  CHECK(result.samples.start_ns == std::vector<std::uint64_t>{0, 1000, 2000});
  CHECK(result.samples.series[1].values == std::vector<float>{1, 2, 3});
  CHECK(result.dropped == 0);
}

TEST_CASE("samples missing within the launch are counted, around it they are not") {
  auto raw = samples_with({0, 0, 1, 1, 1, 1, 1, 1, 0, 0});
  raw.samples.erase(raw.samples.begin() + 4, raw.samples.begin() + 7);
  raw.samples.erase(raw.samples.begin());
  CHECK(samples_of_launch(raw).dropped == 3);
  auto intact = samples_with({0, 0, 1, 1, 0, 0, 0});
  intact.samples.erase(intact.samples.begin() + 5);
  CHECK(samples_of_launch(intact).dropped == 0);
}

TEST_CASE("a launch that outlasts the room for samples has lost the rest of them") {
  auto raw = samples_with({0, 1, 1, 1});
  raw.complete = false;
  raw.launch_ns = 10'000;
  CHECK(samples_of_launch(raw).dropped == 7);
  raw.launch_ns = 0;
  CHECK(samples_of_launch(raw).dropped == 1);
  raw.complete = true;
  CHECK(samples_of_launch(raw).dropped == 0);
}

TEST_CASE("room that ends after the launch has lost nothing of it") {
  auto raw = samples_with({0, 1, 1, 0});
  raw.complete = false;
  raw.launch_ns = 10'000;
  CHECK(samples_of_launch(raw).dropped == 0);
}

TEST_CASE("samples without the launch are refused with their number and interval") {
  CHECK_THROWS_WITH(samples_of_launch(samples_with({0, 0, 0})),
                    "no SM is active in any of 3 samples, one every 1000 ns");
  CHECK_THROWS_AS(samples_of_launch(samples_with({})), profiler::Refused);
}
