// SPDX-License-Identifier: Apache-2.0
// What is concluded and shown of a launch on a device, from a collection that was written by hand.
#include <algorithm>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "cli/profile/conclusions.h"
#include "cli/profile/report.h"
#include "tests/cli/device_collection.h"

using namespace bsfa;
using namespace bsfa::cli;

TEST_CASE("the hardware's count is held to the work records exactly") {
  auto c = collection_of();
  const auto equal = conclude(problem_of(), c, std::nullopt);
  REQUIRE(equal.tensor);
  CHECK(equal.tensor->equal);
  c.profile.counters.front().value += 1.0;
  const auto differs = conclude(problem_of(), c, std::nullopt);
  CHECK_FALSE(differs.tensor->equal);
  const bool found =
      std::any_of(differs.findings.begin(), differs.findings.end(),
                  [](const auto& finding) { return finding.rule == "tensor-count"; });
  CHECK(found);
  c.profile.counters.front().value = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(conclude(problem_of(), c, std::nullopt).tensor);
}

TEST_CASE(
    "traffic has its rate and peak from the counted launch, and a roofline only under a ceiling") {
  const auto c = collection_of();
  const auto without = conclude(problem_of(), c, std::nullopt);
  REQUIRE(without.traffic.size() == 1);
  const Traffic& dram = without.traffic.front();
  CHECK(dram.place == "DRAM");
  CHECK(dram.bytes == 50e6);
  CHECK(dram.rate == Approx(50e6 / 25e-6));
  CHECK(dram.peak_rate == Approx(2.0 * *dram.rate));
  CHECK_FALSE(dram.roofline);
  CHECK_FALSE(without.ceiling);
  const auto with = conclude(problem_of(), c, 800.0);
  REQUIRE(with.traffic.front().roofline);
  CHECK(with.traffic.front().roofline->ridge == Approx(800e12 / *dram.peak_rate));
  REQUIRE(with.ceiling);
  CHECK(with.ceiling->share_of_ceiling == Approx(with.ceiling->issued_rate / 800e12));
}

TEST_CASE("V traffic is what SMs read beyond Q and K") {
  auto c = collection_of();
  CHECK_FALSE(conclude(problem_of(), c, std::nullopt).values);
  const auto totals = conclude(problem_of(), c, std::nullopt).totals;
  const auto expected = analysis::expected_traffic(problem_of(), totals);
  c.profile.counters.push_back({"memory", "l1tex__m_xbar2l1tex_read_bytes.sum",
                                expected.q_bytes + expected.k_bytes + expected.v_bytes});
  const auto values = conclude(problem_of(), c, std::nullopt).values;
  REQUIRE(values);
  CHECK(values->seen_over_expected == Approx(1.0));
  CHECK(values->spared == Approx(0.5));
}

TEST_CASE("levels have their limits and the bound its measured dense time") {
  const auto conclusions = conclude(problem_of(), collection_of(), std::nullopt);
  REQUIRE(conclusions.times.size() == 4);
  CHECK_FALSE(conclusions.times[0].added);
  CHECK(conclusions.times[1].added->share == Approx(0.01));
  CHECK(conclusions.times[1].limit == 0.02);
  CHECK(conclusions.times[2].added->share == Approx(0.06));
  CHECK(conclusions.times[2].limit == 0.05);
  CHECK_FALSE(conclusions.times[3].added);
  CHECK(conclusions.bound->bound == Approx(2.0 / 1.5));
  CHECK(conclusions.bound->measured == Approx(1.3));
}

TEST_CASE("an SM without work is a finding on a device, a thread without work of a host is not") {
  auto c = collection_of();
  const auto has_absent = [&] {
    const auto findings = conclude(problem_of(), c, std::nullopt).findings;
    return std::any_of(findings.begin(), findings.end(),
                       [](const auto& finding) { return finding.rule == "absent"; });
  };
  CHECK_FALSE(has_absent());
  c.profile.multiprocessors = 5;
  CHECK(has_absent());
  for (auto& record : c.records) record.clock = core::ClockDomain::kMonotonicNs;
  CHECK_FALSE(has_absent());
}

TEST_CASE("nothing is concluded from nothing") {
  const auto conclusions = conclude(problem_of(), {}, 800.0);
  CHECK(conclusions.times.empty());
  CHECK_FALSE(conclusions.work);
  CHECK_FALSE(conclusions.tensor);
  CHECK_FALSE(conclusions.bound);
  CHECK_FALSE(conclusions.ceiling);
  CHECK(conclusions.traffic.empty());
  CHECK(conclusions.findings.empty());
}

TEST_CASE("a report shows what was collected on a device, and ends in its findings") {
  const ProfileOptions options = options_of_a_report();
  const Subject subject(options, {});
  const auto c = whole_collection();
  const auto conclusions = conclude(problem_of(), c, options.ceiling_tflops);
  const std::string text =
      profile_text({subject, c, conclusions, nullptr, "NVIDIA H200", "580.1", 1.0});
  INFO(text);
  for (const char* part :
       {"NVIDIA H200, driver 580.1, 4 SMs", "CUPTI_ERROR_HARDWARE_BUSY", "end the other one",
        "(limit 5 %, exceeded)", "instructions counted, as the work records predict",
        "portable_forward.cuh:217", "80.0 %", "wait(pipeline);", "6 in 14 passes", "DRAM 50.0 %",
        "GB/s", "findings"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("nan") == std::string::npos);
  const auto json = profile_json({subject, c, conclusions, nullptr, "", "", 1.0}, {});
  CHECK(json["stalls"]["samples"] == 100);
  CHECK(json["stalls"]["lines"][0]["samples"] == 80);
  CHECK(json["samples"]["series"][0]["high"] == 60.0);
  CHECK(json["tensor_check"]["equal"] == true);
}
