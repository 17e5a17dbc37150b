// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "profiler/host/injected_run.h"
#include "profiler/host/refused.h"

using namespace bsfa;

namespace {

/// The program with our library in it, on the fake device.
profiler::InjectedRun run(std::vector<std::string> words, const char* cupti = BSFA_FAKE_CUPTI) {
  ::setenv("BSFA_CUPTI", cupti, 1);
  words.insert(words.begin(), BSFA_INJECTED_PROGRAM);
  return profiler::run_injected(words, BSFA_INJECTION);
}

}  // namespace

TEST_CASE("kernels of a program that is not ours are listed with their times and shapes") {
  const auto seen = run({"kernels", "5", "exit", "9"});
  CHECK(seen.exit_code == 9);
  REQUIRE(seen.processes.size() == 1);
  const auto& report = seen.processes.front();
  CHECK(report.refusals.empty());
  CHECK(report.cupti == BSFA_FAKE_CUPTI);
  CHECK(report.dropped == 0);
  CHECK_THAT(report.command, Catch::Contains("kernels 5 exit 9"));
  REQUIRE(report.kernels.size() == 2);
  const auto& kernel = report.kernels.front();
  CHECK(kernel.name == "flash_attention()");
  CHECK(kernel.attention_like);
  CHECK(kernel.launches == 5);
  CHECK(kernel.median_ns == 102);
  CHECK(kernel.total_ns == 510);
  CHECK(kernel.shape.grid == std::array{132, 1, 1});
  CHECK(kernel.shape.block == std::array{128, 1, 1});
  CHECK(kernel.shape.dynamic_shared_bytes == 65536);
  CHECK(kernel.shape.registers == 255);
  CHECK(!report.kernels.back().attention_like);
  CHECK(report.timeline.size() == 5);
}

TEST_CASE("the first launch of each attention-like kernel is counted where that is asked for") {
  ::setenv("BSFA_INJECT_COUNTERS", "1", 1);
  const auto seen = run({"kernels", "5"});
  ::unsetenv("BSFA_INJECT_COUNTERS");
  REQUIRE(seen.processes.size() == 1);
  const auto& report = seen.processes.front();
  for (const auto& refusal : report.refusals) FAIL_CHECK(refusal.words);
  REQUIRE(report.counters.size() == 1);
  const auto& counters = report.counters.front();
  CHECK(counters.kernel == "flash_attention()");
  CHECK(counters.grid == std::array{132, 1, 1});
  CHECK(counters.block == std::array{128, 1, 1});
  CHECK(counters.passes == 3);
  REQUIRE(counters.values.size() > 10);
  // The fake's values are the lengths of the metrics' names.
  for (const auto& [metric, value] : counters.values) {
    CHECK(value == static_cast<double>(metric.size()));
  }
  // Its time is that of the repetitions, so it is not among the times.
  REQUIRE(report.kernels.size() == 2);
  CHECK(report.kernels[0].launches == 4);
  CHECK(report.kernels[0].least_ns == 101);
  CHECK(report.kernels[1].launches == 5);
}

TEST_CASE("a launch whose counting fails is among those lost, and the others are timed") {
  ::setenv("BSFA_INJECT_COUNTERS", "1", 1);
  const auto split = run({"ranges", "2", "kernels", "5"});
  const auto failed = run({"failing", "700", "kernels", "5"});
  ::unsetenv("BSFA_INJECT_COUNTERS");
  for (const auto& seen : {split, failed}) {
    REQUIRE(seen.processes.size() == 1);
    const auto& report = seen.processes.front();
    CHECK(report.counters.empty());
    CHECK(report.dropped == 1);
    REQUIRE(report.refusals.size() == 1);
    CHECK(report.refusals.front().facility == "counters");
  }
  CHECK_THAT(split.processes.front().refusals.front().words, Catch::Contains("2 ranges"));
  CHECK(split.processes.front().kernels.front().launches == 4);
  CHECK_THAT(failed.processes.front().refusals.front().words, Catch::Contains("CUDA error 700"));
  CHECK(failed.processes.front().kernels.empty());
}

TEST_CASE("counters that are refused are said once, and times are told all the same") {
  ::setenv("BSFA_INJECT_COUNTERS", "1", 1);
  const auto refused = run({"kernels", "5"}, BSFA_FAKE_CUPTI_ACTIVITY);
  ::setenv("BSFA_INJECT_COUNTERS", "/no/such/metrics.txt", 1);
  const auto misnamed = run({"kernels", "5"});
  ::unsetenv("BSFA_INJECT_COUNTERS");
  for (const auto& seen : {refused, misnamed}) {
    CHECK(seen.exit_code == 0);
    REQUIRE(seen.processes.size() == 1);
    const auto& report = seen.processes.front();
    CHECK(report.counters.empty());
    REQUIRE(report.refusals.size() == 1);
    CHECK(report.refusals.front().facility == "counters");
    CHECK(report.kernels.front().launches == 5);
  }
  CHECK_THAT(refused.processes.front().refusals.front().words,
             Catch::Contains("has no function cuptiProfiler"));
  CHECK_THAT(misnamed.processes.front().refusals.front().words,
             Catch::Contains("/no/such/metrics.txt"));
}

TEST_CASE("without CUPTI the program runs as ever, and the report says why there is nothing") {
  const auto seen = run({"kernels", "5", "exit", "4"}, "/no/such/libcupti.so");
  CHECK(seen.exit_code == 4);
  REQUIRE(seen.processes.size() == 1);
  const auto& report = seen.processes.front();
  CHECK(report.kernels.empty());
  REQUIRE(report.refusals.size() == 1);
  CHECK(report.refusals.front().facility == "activity");
  CHECK_THAT(report.refusals.front().words, Catch::Contains("/no/such/libcupti.so"));
  CHECK(report.refusals.front().advice != "");
}

TEST_CASE("a program that crashes ends as it would have, without a report") {
  const auto seen = run({"kernels", "2", "abort"});
  CHECK(seen.exit_code == 128 + SIGABRT);
  CHECK(seen.processes.empty());
}

TEST_CASE("a forked child does not report what its parent launched") {
  const auto seen = run({"kernels", "3", "fork"});
  CHECK(seen.exit_code == 0);
  REQUIRE(seen.processes.size() == 1);
  CHECK(seen.processes.front().timeline.size() == 3);
}

TEST_CASE("processes of one run each give a report, the one with the most kernel time first") {
  const std::string program = BSFA_INJECTED_PROGRAM;
  ::setenv("BSFA_CUPTI", BSFA_FAKE_CUPTI, 1);
  const auto seen = profiler::run_injected(
      {"sh", "-c", program + " kernels 1; " + program + " kernels 4; " + program}, BSFA_INJECTION);
  REQUIRE(seen.processes.size() == 3);
  CHECK(seen.processes[0].timeline.size() == 4);
  CHECK(seen.processes[1].timeline.size() == 1);
  CHECK(seen.processes[2].kernels.empty());
}
