// SPDX-License-Identifier: Apache-2.0
// What was measured on real machines, concluded again from what traces/recorded holds of it, and
// held to what is known of those runs; and faults planted in the records, which must be found.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "cli/support/json.h"
#include "cli/trace/stored_profile.h"

using namespace bsfa;
using namespace bsfa::cli;

namespace {

/// A rate between what products reach on the cards of the recorded traces and what they could.
constexpr double kCeilingTflops = 750.0;
constexpr const char* kTensorInstructions = "sm__inst_executed_pipe_tensor_op_hmma.sum";

std::filesystem::path path_of(const std::string& name) {
  return std::filesystem::path(BSFA_SOURCE_DIR) / "traces" / "recorded" / (name + ".h5");
}

StoredProfile recorded(const std::string& name) {
  const traces::TraceReader reader(path_of(name));
  const auto layers = reader.layers();
  REQUIRE(layers.size() == 1);
  auto stored = stored_profile(reader, layers.front());
  REQUIRE(stored);
  REQUIRE_FALSE(stored->collection.records.empty());
  return *std::move(stored);
}

Conclusions concluded(const StoredProfile& stored) {
  return conclude(stored.problem, stored.collection, kCeilingTflops);
}

/// The text of the finding by a rule; empty where there is none.
std::string finding(const Conclusions& conclusions, const std::string& rule) {
  for (const auto& each : conclusions.findings) {
    if (each.rule == rule) return each.text;
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// All that is true of any sound run of our kernel on a GPU.
void check_device_run(const Conclusions& c) {
  REQUIRE(c.work);
  CHECK(c.work->records.set_aside() == 0);
  CHECK(c.work->model.r_squared > 0.99);
  REQUIRE(c.tensor);
  CHECK(c.tensor->equal);
  CHECK(c.tensor->counted == c.tensor->predicted);
  CHECK(c.tensor->beyond >= 0.0);
  REQUIRE(c.bound);
  CHECK(c.bound->measured > 1.0);
  REQUIRE(c.ceiling);
  CHECK(c.ceiling->share_of_ceiling > 0.0);
  CHECK(c.ceiling->share_of_ceiling < 1.0);
  REQUIRE(c.traffic.size() == 2);
  for (const Traffic& traffic : c.traffic) {
    CAPTURE(traffic.place);
    REQUIRE(traffic.roofline);
    CHECK(traffic.roofline->share > 0.0);
    CHECK(traffic.roofline->share < 1.0);
    CHECK(*traffic.rate < *traffic.peak_rate);
  }
  // Attention reads every K and V tile many times, and all but the first time from L2.
  CHECK_FALSE(c.traffic.front().roofline->memory_bound);
  CHECK(c.traffic.front().bytes < c.traffic.back().bytes);
  for (const VariantTime& time : c.times) {
    if (time.added) CHECK(time.added->share <= *time.limit);
  }
}

/// One SM as if it ran at half its speed from the launch's start.
void slow_down(std::vector<core::WorkRecord>& records, std::uint32_t unit) {
  const auto first =
      std::min_element(records.begin(), records.end(),
                       [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  const std::uint64_t begin = first->start_ns;
  for (auto& record : records) {
    if (record.unit != unit) continue;
    record.start_ns = begin + 2 * (record.start_ns - begin);
    record.end_ns = begin + 2 * (record.end_ns - begin);
  }
}

}  // namespace

TEST_CASE("the recorded dense head is named, and nothing else about its balance") {
  const auto c = concluded(recorded("h200-dense-head"));
  check_device_run(c);
  CHECK(c.work->units.units.size() == 132);
  CHECK(c.work->units.max_over_mean < 1.02);
  CHECK(c.work->units.idle_share < 0.02);
  CHECK(has(finding(c, "heavy-head"), "head 2"));
  for (const auto& each : c.findings) {
    CAPTURE(each.rule, each.text);
    CHECK(each.severity == analysis::FindingSeverity::kNote);
  }
  CHECK(c.tensor->counted == 176443392);
  CHECK(c.totals.seen == 263168.0);
  CHECK(c.totals.kept == 79400.0);
}

TEST_CASE("the recorded sample leaves SMs without work and others idle at its end") {
  const auto c = concluded(recorded("h200-sample"));
  check_device_run(c);
  CHECK(c.work->units.absent == 4);
  CHECK(has(finding(c, "absent"), "4 of 132 SMs"));
  CHECK_FALSE(finding(c, "idle").empty());
  CHECK(finding(c, "heavy-head").empty());
}

TEST_CASE("the recorded even run has no finding of imbalance") {
  if (!std::filesystem::exists(path_of("h200-even"))) {
    WARN("traces/recorded holds no even run");
    return;
  }
  const auto c = concluded(recorded("h200-even"));
  check_device_run(c);
  for (const auto& each : c.findings) FAIL_CHECK(each.rule << ": " << each.text);
}

TEST_CASE("the recorded run of the cpu kernel has a cost model and no tensor count") {
  const auto c = concluded(recorded("cpu-sample"));
  REQUIRE(c.work);
  CHECK(c.work->records.clock == core::ClockDomain::kMonotonicNs);
  CHECK(c.totals.items == 128.0);
  CHECK(c.work->model.r_squared > 0.9);
  CHECK_FALSE(c.tensor);
  CHECK(c.traffic.empty());
}

TEST_CASE("what was found then is found again") {
  const std::string name = GENERATE("h200-dense-head", "h200-sample", "cpu-sample");
  CAPTURE(name);
  const auto stored = recorded(name);
  const auto c = concluded(stored);
  const auto then = Json::parse(stored.collection.profile.findings);
  for (const auto& each : then) {
    CAPTURE(each.dump());
    CHECK_FALSE(finding(c, each["rule"].get<std::string>()).empty());
  }
}

TEST_CASE("an SM at half its speed is found in a recorded run and named") {
  auto stored = recorded("h200-dense-head");
  const auto before = concluded(stored);
  CHECK(finding(before, "late-unit").empty());
  CHECK(finding(before, "slow-unit").empty());
  slow_down(stored.collection.records, 17);
  const auto after = concluded(stored);
  CHECK(has(finding(after, "late-unit"), "SM 17"));
  CHECK(after.work->units.max_over_mean > 1.9);
  REQUIRE(after.work->causes);
  // Its tiles are what they were: it is the SM.
  CHECK(after.work->causes->elsewhere > 0.9 * after.work->causes->excess);
}

TEST_CASE("one tensor instruction too many is found in a recorded run") {
  auto stored = recorded(GENERATE("h200-dense-head", "h200-sample"));
  for (auto& counter : stored.collection.profile.counters) {
    if (counter.metric == kTensorInstructions) counter.value += 1.0;
  }
  const auto c = concluded(stored);
  REQUIRE(c.tensor);
  CHECK_FALSE(c.tensor->equal);
  CHECK_FALSE(finding(c, "tensor-count").empty());
}

TEST_CASE("a work record that claims a product more than it issued is found in a recorded run") {
  auto stored = recorded("h200-sample");
  for (auto& record : stored.collection.records) {
    if (record.warp != -1) continue;
    record.pv_products += 1;
    break;
  }
  CHECK_FALSE(concluded(stored).tensor->equal);
}

TEST_CASE("without its dense head the recorded run has no heavy head") {
  auto stored = recorded("h200-dense-head");
  auto& records = stored.collection.records;
  records.erase(std::remove_if(records.begin(), records.end(),
                               [](const auto& record) { return record.head == 2; }),
                records.end());
  CHECK(finding(concluded(stored), "heavy-head").empty());
}
