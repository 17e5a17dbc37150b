// SPDX-License-Identifier: Apache-2.0
// Imbalance planted into a launch on a device, and found in its records.
//
// No launch can tell the hardware which SM an item goes to: a CTA goes where there is room. What
// comes nearest to one SM's long items last is as many of them as one SM holds, dispatched after
// all others; each ends late on whatever SM had room for it.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "analysis/findings.h"
#include "kernels/host/memory.h"
#include "tests/kernels/tested.h"

using namespace bsfa;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr std::int64_t kLength = 8192, kHeads = 32, kBlocks = 64;

test::Inputs inputs_of(bool causal) {
  auto p = test::problem(kLength, kLength, 128);
  p.heads = kHeads;
  p.kv_heads = 4;
  p.causal = causal;
  return test::gaussian(p, 61);
}

/// Skips all it may, but nothing in Q block `dense` of the last `heads` heads.
core::Thresholds sparse_but(const core::Problem& p, std::int64_t dense, std::int64_t heads) {
  core::Thresholds thresholds{p.heads, kBlocks, p.gate, {}};
  thresholds.tau.assign(static_cast<std::size_t>(p.heads * kBlocks), kInf);
  for (std::int64_t head = p.heads - heads; head < p.heads; ++head) {
    thresholds.tau[static_cast<std::size_t>(head * kBlocks + dense)] = -kInf;
  }
  return thresholds;
}

/// The Q blocks that see little, the longest first, and then `count` that see and keep all.
std::vector<core::WorkItem> short_then_long(std::int64_t count) {
  std::vector<core::WorkItem> items;
  for (std::int64_t block = kBlocks / 2; block-- > 0;) {
    for (std::int64_t head = 0; head < kHeads; ++head) items.push_back({0, head, block});
  }
  for (std::int64_t head = kHeads - count; head < kHeads; ++head) {
    items.push_back({0, head, kBlocks - 1});
  }
  return items;
}

std::vector<core::WorkRecord> records_of(kernels::Runner& runner, const test::Inputs& inputs,
                                         const core::Thresholds& thresholds,
                                         const std::vector<core::WorkItem>& items) {
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  request.thresholds = &thresholds;
  request.items = items;
  request.want_mask = false;
  request.want_records = true;
  // The first run loads the code, while CTAs wait.
  runner.run(request, {});
  return runner.run(request, {}).records;
}

analysis::WorkProfile profile_of(const std::vector<core::WorkRecord>& records) {
  const auto memory = kernels::memory_for(test::tested_kernel());
  return analysis::profile_work(records, memory->multiprocessors());
}

/// How many items an SM works on at once.
std::int64_t held_by_one_sm(const std::vector<core::WorkRecord>& records) {
  std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, std::int64_t>>> changes;
  for (const auto& r : records) {
    changes[r.unit].emplace_back(r.start_ns, 1);
    changes[r.unit].emplace_back(r.end_ns, -1);
  }
  std::int64_t most = 1;
  for (auto& [unit, of_unit] : changes) {
    std::sort(of_unit.begin(), of_unit.end());
    std::int64_t now = 0;
    for (const auto& [time, change] : of_unit) most = std::max(most, now += change);
  }
  return most;
}

std::set<double> units_of(const std::vector<core::WorkRecord>& records, std::int64_t block,
                          std::int64_t heads) {
  std::set<double> units;
  for (const auto& r : records) {
    if (r.q_block == block && r.head >= kHeads - heads) units.insert(static_cast<double>(r.unit));
  }
  return units;
}

std::string text_of(const std::vector<analysis::Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding.rule + ": " + finding.text + "\n";
  return text;
}

const analysis::Finding* late_unit(const std::vector<analysis::Finding>& findings) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [](const auto& f) { return f.rule == "late-unit"; });
  return found == findings.end() ? nullptr : &*found;
}

double number(const analysis::Finding& finding, const std::string& name) {
  for (const auto& [key, value] : finding.numbers) {
    if (key == name) return value;
  }
  FAIL("the finding has no number " << name);
  return 0.0;
}

}  // namespace

TEST_CASE("one SM's worth of long items started last is found, and the SM named with the reason") {
  const auto inputs = inputs_of(true);
  kernels::Runner runner(test::tested_kernel());
  const auto even =
      records_of(runner, inputs, sparse_but(inputs.problem, 0, 0), short_then_long(0));
  const std::int64_t planted = held_by_one_sm(even);
  const auto even_findings = analysis::findings_of(profile_of(even));
  CAPTURE(planted, text_of(even_findings));
  constexpr double kPlantedLate = 0.2;
  const auto* none = late_unit(even_findings);
  CHECK((none == nullptr || none->size < kPlantedLate));

  const auto thresholds = sparse_but(inputs.problem, kBlocks - 1, planted);
  const auto records = records_of(runner, inputs, thresholds, short_then_long(planted));
  const auto findings = analysis::findings_of(profile_of(records));
  CAPTURE(text_of(findings));
  const auto* late = late_unit(findings);
  REQUIRE(late != nullptr);
  CHECK(late->severity == analysis::FindingSeverity::kWarning);
  CHECK(late->size > kPlantedLate);
  CHECK(number(*late, "long_items") >= 1.0);
  CHECK(number(*late, "other_units") < static_cast<double>(planted));
  CHECK(units_of(records, kBlocks - 1, planted).contains(number(*late, "unit")));
  CHECK_THAT(late->text, Catch::Contains("long item"));
  CHECK_THAT(late->text, Catch::Contains("started last"));
  WARN(late->text);
}

TEST_CASE("without a work list items that keep all are found where they are dispatched last") {
  const auto inputs = inputs_of(false);
  kernels::Runner runner(test::tested_kernel());
  // Block 0 of the last heads comes last: where all see as much, only what they keep differs.
  const std::int64_t planted = 2;
  const auto records = records_of(runner, inputs, sparse_but(inputs.problem, 0, planted), {});
  REQUIRE(records.size() == static_cast<std::size_t>(kHeads * kBlocks));
  const auto findings = analysis::findings_of(profile_of(records));
  CAPTURE(text_of(findings));
  const auto* late = late_unit(findings);
  REQUIRE(late != nullptr);
  CHECK(units_of(records, 0, planted).contains(number(*late, "unit")));
  WARN(late->text);
}
