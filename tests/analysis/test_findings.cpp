// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <catch2/catch.hpp>

#include "analysis/findings.h"
#include "tests/analysis/work_fixture.h"

namespace bsfa::analysis {
namespace {

using Catch::Contains;

std::vector<Finding> findings_of(const Launch& launch,
                                 std::optional<std::int64_t> units = std::nullopt) {
  return findings_of(profile_work(launch.records, units));
}

const Finding* find(const std::vector<Finding>& findings, const std::string& rule) {
  const auto at = std::find_if(findings.begin(), findings.end(),
                               [&](const Finding& finding) { return finding.rule == rule; });
  return at == findings.end() ? nullptr : &*at;
}

double number(const Finding& finding, const std::string& name) {
  for (const auto& [key, value] : finding.numbers) {
    if (key == name) return value;
  }
  FAIL(finding.rule << " has no number " << name);
  return 0.0;
}

std::string all_texts(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += finding.rule + ": " + finding.text + "\n";
  return text;
}

/// Every time stretched by up to a share, without moving later items of the unit.
void disturb(Launch& launch, double share, std::uint64_t seed) {
  core::SplitMix64 random(seed);
  std::vector<std::uint64_t> free(launch.units, launch.origin_ns);
  for (auto& r : launch.records) {
    const double time = static_cast<double>(r.end_ns - r.start_ns);
    r.start_ns = free[r.unit];
    r.end_ns = free[r.unit] += static_cast<std::uint64_t>(time * (1.0 + share * random.uniform()));
  }
}

}  // namespace

TEST_CASE("an even run yields no finding") {
  SECTION("equal items") {
    CHECK(all_texts(findings_of(uniform_launch())).empty());
  }
  SECTION("equal items on 132 SMs") {
    CHECK(all_texts(findings_of(uniform_launch(132, 33, 128), 132)).empty());
  }
  SECTION("causal heads") {
    CHECK(all_texts(findings_of(causal_launch())).empty());
  }
  SECTION("causal heads that scatter") {
    const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 11)));
    CAPTURE(seed);
    Launch launch = causal_launch(16, 16, 64, seed);
    disturb(launch, 0.05, seed);
    CHECK(all_texts(findings_of(launch)).empty());
  }
  SECTION("one worker") {
    CHECK(all_texts(findings_of(causal_launch(1))).empty());
  }
}

TEST_CASE("no records, no findings") {
  CHECK(findings_of(Launch{}).empty());
}

TEST_CASE("a head with ten times the kept tiles is found and named") {
  Launch launch;
  for (std::int32_t m = 0; m < 64; ++m) {
    for (std::int32_t h = 0; h < 8; ++h) launch.run(h, m, 64, h == 3 ? 60 : 6);
  }
  const auto findings = findings_of(launch);
  const Finding* heavy = find(findings, "heavy-head");
  REQUIRE(heavy != nullptr);
  CHECK_THAT(heavy->text, Contains("head 3 has 10.0 times the kept tiles of the median head"));
  CHECK(number(*heavy, "head") == 3.0);
  CHECK(number(*heavy, "kept_over_median") == 10.0);
  const double share = 33200.0 / (33200.0 + 7 * 22400.0);
  CHECK(number(*heavy, "time_share") == Approx(share));
}

TEST_CASE("a head of which a sample drew more Q blocks is not heavy") {
  Launch launch;
  for (std::int32_t m = 0; m < 256; ++m) {
    for (std::int32_t h = 0; h < 4; ++h) {
      if (h == 1 || m % 4 == 0) launch.run(h, m, 64, 8);
    }
  }
  CHECK(find(findings_of(launch), "heavy-head") == nullptr);
}

TEST_CASE("a heavy head that leaves units uneven is a warning, one that does not is a note") {
  Launch even, uneven;
  for (std::int32_t m = 0; m < 64; ++m) {
    for (std::int32_t h = 0; h < 8; ++h) {
      even.run_on(static_cast<std::uint32_t>(m) % 8, h, m, 64, h == 3 ? 60 : 6);
      uneven.run_on(static_cast<std::uint32_t>(h), h, m, 64, h == 3 ? 60 : 6);
    }
  }
  const auto note = findings_of(even), warning = findings_of(uneven);
  CHECK(note.size() == 1);
  CHECK(find(note, "heavy-head")->severity == FindingSeverity::kNote);
  CHECK(find(warning, "heavy-head")->severity == FindingSeverity::kWarning);
  REQUIRE(find(warning, "late-unit") != nullptr);
  CHECK(number(*find(warning, "late-unit"), "unit") == 3.0);
}

TEST_CASE("one SM's worth of long items last is found and named") {
  Launch launch = uniform_launch(32, 16, 64);
  for (std::int32_t i = 0; i < 9; ++i) launch.run_on(17, 0, 64 + i, 160, 20);
  const auto findings = findings_of(launch);
  REQUIRE_FALSE(findings.empty());
  const Finding* late = find(findings, "late-unit");
  REQUIRE(late != nullptr);
  CHECK_THAT(late->text, Contains("SM 17 finishes"));
  CHECK_THAT(late->text, Contains("% late: 9 long items started last"));
  CHECK(number(*late, "long_items") == 9.0);
  const double normal = 32.0 * 22800.0;
  CHECK(number(*late, "late_share") == Approx(9.0 * 54000.0 / normal));
  CHECK(late->severity == FindingSeverity::kWarning);
}

TEST_CASE("a late unit that was given more is told from one that is slower") {
  SECTION("more items") {
    Launch launch = causal_launch(16, 16, 64);
    for (std::int32_t i = 0; i < 12; ++i) launch.run_on(4, 0, 100 + i, 60, 8);
    const auto findings = findings_of(launch);
    REQUIRE(find(findings, "late-unit") != nullptr);
    CHECK_THAT(find(findings, "late-unit")->text, Contains("SM 4 finishes"));
    CHECK_THAT(find(findings, "late-unit")->text, Contains("more work than the mean"));
    CHECK(find(findings, "slow-unit") == nullptr);
  }
  SECTION("slower") {
    Launch launch;
    for (std::int32_t m = 0; m < 640; ++m) {
      launch.run_on(static_cast<std::uint32_t>(m) % 8, m % 5, m, 64,
                    4 + static_cast<std::uint64_t>(m) % 9);
    }
    for (auto& r : launch.records) {
      if (r.unit != 6) continue;
      r.start_ns = launch.origin_ns + (r.start_ns - launch.origin_ns) * 5 / 4;
      r.end_ns = launch.origin_ns + (r.end_ns - launch.origin_ns) * 5 / 4;
    }
    const auto findings = findings_of(launch);
    REQUIRE(find(findings, "late-unit") != nullptr);
    CHECK_THAT(find(findings, "late-unit")->text,
               Contains("SM 6 finishes 25 % late: its items take"));
    REQUIRE(find(findings, "slow-unit") != nullptr);
    CHECK(number(*find(findings, "slow-unit"), "unit") == 6.0);
  }
}

TEST_CASE("a second wave that fills a part of the SMs is a ragged end") {
  REQUIRE(find(findings_of(uniform_launch(32, 5, 8)), "ragged-end") != nullptr);
  const auto ragged = findings_of(uniform_launch(32, 6, 8));
  REQUIRE(find(ragged, "ragged-end") != nullptr);
  CHECK(find(ragged, "late-unit") == nullptr);
  CHECK_THAT(find(ragged, "ragged-end")->text,
             Contains("16 of 32 SMs finish up to 100 % after the median one"));
  CHECK(find(ragged, "busy-unit") == nullptr);
  REQUIRE(find(ragged, "idle") != nullptr);
  CHECK(find(ragged, "idle")->text ==
        "SMs stand idle for 25 % of their time: 25 % after their last item");
  CHECK(number(*find(ragged, "idle"), "idle_share") == Approx(0.25));
}

TEST_CASE("a unit that is busier than others without ending late is found with the causes") {
  Launch launch;
  for (std::int32_t m = 0; m < 320; ++m) {
    const auto unit = static_cast<std::uint32_t>(m) % 8;
    launch.run_on(unit, m % 5, m, 64, unit == 2 ? 60 : 4 + static_cast<std::uint64_t>(m) % 3);
    // Others wait for the busy one after each of their items.
    const auto round = static_cast<std::uint64_t>(m / 8 + 1);
    if (unit != 2) launch.free_at[unit] = launch.origin_ns + round * launch.cost_ns(64, 60);
  }
  const auto findings = findings_of(launch);
  const Finding* busy = find(findings, "busy-unit");
  REQUIRE(busy != nullptr);
  CHECK(number(*busy, "unit") == 2.0);
  CHECK(number(*busy, "from_elsewhere") == Approx(0.0).margin(5e-4));
  CHECK_THAT(busy->text, Contains("from the items and tiles it was given, 0 % from elsewhere"));
  CHECK_THAT(find(findings, "idle")->text, Contains("between items"));
}

TEST_CASE("SMs without work are counted") {
  const auto findings = findings_of(uniform_launch(8), 10);
  REQUIRE(find(findings, "absent") != nullptr);
  CHECK(find(findings, "absent")->text == "2 of 10 SMs got no work");
  CHECK_THAT(find(findings, "idle")->text, Contains("20 % without any"));
  CHECK(find(findings, "busy-unit") == nullptr);
}

TEST_CASE("stalled items are outliers, named with place and times") {
  Launch launch = causal_launch(8, 8, 64);
  disturb(launch, 0.02, 3);
  for (const std::size_t i : {100U, 200U, 300U}) launch.records[i].end_ns += 400'000;
  launch.records[200].end_ns += 600'000;
  // One that takes no time at all is an outlier too, but costs nothing.
  launch.records[5].end_ns = launch.records[5].start_ns;
  const auto findings = findings_of(launch);
  const Finding* outliers = find(findings, "outliers");
  REQUIRE(outliers != nullptr);
  CHECK(number(*outliers, "items") == 3.0);
  const auto& r = launch.records[200];
  CHECK_THAT(outliers->text,
             Contains("head " + std::to_string(r.head) + ", Q block " + std::to_string(r.q_block) +
                      " on SM " + std::to_string(r.unit)));
}

TEST_CASE("times that tile counts do not explain are a note, equal ones are not") {
  Launch launch = causal_launch(8, 8, 64);
  core::SplitMix64 random(1);
  for (auto& r : launch.records) {
    r.tiles_seen = 10 + random.below(100);
    r.tiles_kept = random.below(r.tiles_seen);
  }
  const auto findings = findings_of(launch);
  REQUIRE(find(findings, "poor-fit") != nullptr);
  CHECK(find(findings, "poor-fit")->severity == FindingSeverity::kNote);
}

TEST_CASE("unequal warps of a CTA are found, and workers are called workers") {
  Launch launch = uniform_launch(2);
  for (auto& r : launch.records) r.clock = core::ClockDomain::kMonotonicNs;
  const auto items = launch.records;
  for (const auto& whole : items) {
    for (std::int32_t w = 0; w < 8; ++w) {
      auto r = whole;
      r.warp = w;
      if (w >= 4) r.end_ns = r.start_ns + (r.end_ns - r.start_ns) / 2;
      launch.records.push_back(r);
    }
  }
  launch.records.front().end_ns += 3'000'000;
  const auto findings = findings_of(launch);
  REQUIRE(find(findings, "unequal-warps") != nullptr);
  CHECK_THAT(find(findings, "unequal-warps")->text,
             Contains("busiest warpgroup of a CTA is busy 33 %"));
  CHECK_THAT(all_texts(findings), Contains("worker"));
}

TEST_CASE("records that were set aside are reported") {
  Launch launch = uniform_launch();
  auto bad = launch.records[0];
  bad.end_ns = bad.start_ns - 1;
  launch.records.push_back(bad);
  const auto findings = findings_of(launch);
  REQUIRE(findings.size() == 1);
  CHECK_THAT(findings[0].text, Contains("1 record set aside") && Contains("1 ending before"));
}

TEST_CASE("a tensor count that differs is a warning, an issue beyond need a note") {
  const WorkProfile profile = profile_work(uniform_launch().records);
  TensorCheck check;
  check.predicted = 1000;
  check.counted = 1000;
  check.equal = true;
  check.beyond = 0.0;
  CHECK(findings_of(profile, check).empty());
  check.beyond = 0.2;
  check.pv_beyond = 0.9;
  const auto beyond = findings_of(profile, check);
  REQUIRE(beyond.size() == 1);
  CHECK(beyond[0].rule == "beyond-need");
  check.counted = 1001;
  check.equal = false;
  const auto unequal = findings_of(profile, check);
  REQUIRE(unequal.size() == 2);
  CHECK(unequal[0].text ==
        "the hardware counted 1001 tensor instructions, the work records say 1000");
}

TEST_CASE("findings do not depend on the order of the records", "[property]") {
  Launch launch = uniform_launch(32, 16, 64);
  for (std::int32_t i = 0; i < 9; ++i) launch.run_on(17, 0, 64 + i, 160, 20);
  const std::string before = all_texts(findings_of(launch));
  std::reverse(launch.records.begin(), launch.records.end());
  CHECK(all_texts(findings_of(launch)) == before);
}

TEST_CASE("any records at all give finite numbers in findings", "[property]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 41)));
  CAPTURE(seed);
  core::SplitMix64 random(seed);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const auto any = [&]() -> std::uint64_t {
    const std::uint64_t kind = random.below(4);
    return kind == 0   ? 0
           : kind == 1 ? kMost - random.below(3)
                       : random.below(kind == 2 ? 100 : kMost);
  };
  std::vector<core::WorkRecord> records(random.below(60));
  for (auto& r : records) {
    r.unit = static_cast<std::uint32_t>(any());
    r.cta = static_cast<std::uint32_t>(any());
    r.warp = static_cast<std::int32_t>(random.below(6)) - 2;
    r.head = static_cast<std::int32_t>(any());
    r.clock = static_cast<core::ClockDomain>(random.below(3));
    r.start_ns = any();
    r.end_ns = any();
    r.tiles_seen = any();
    r.tiles_kept = any();
  }
  for (const Finding& finding : findings_of(profile_work(records, 5))) {
    CAPTURE(finding.text);
    for (const auto& [name, value] : finding.numbers) {
      CAPTURE(name);
      CHECK(std::isfinite(value));
    }
    CHECK(finding.text.find('\n') == std::string::npos);
  }
}

}  // namespace bsfa::analysis
