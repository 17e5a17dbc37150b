// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "gui/models/balance.h"
#include "tests/gui_models/support.h"

using namespace bsfa;
using namespace bsfa::gui;

namespace {

std::vector<core::WorkRecord> sample_records() {
  return test::records_of(test::sequence_of(test::problem_of(4, 16, 32), 1), 4);
}

}  // namespace

TEST_CASE("a histogram has every finite value in one bar") {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> values{1.0, 2.0, 2.0, 5.0, inf, std::nan("")};
  const BarHistogram bars = bar_histogram("t", "u", values, 4);
  CHECK(bars.counts == std::vector<std::int64_t>{1, 2, 0, 1});
  CHECK(bars.low == 1.0);
  CHECK(bars.width == 1.0);
  CHECK(bars.total() == 4);
  CHECK(bar_histogram("t", "u", std::vector<double>(3, 7.0)).counts ==
        std::vector<std::int64_t>{3});
  CHECK(bar_histogram("t", "u", {}).counts.empty());
  CHECK(bar_histogram("t", "u", std::vector{inf}).counts.empty());
}

TEST_CASE("bars of whole numbers hold as many of them each") {
  const std::vector<double> values{3.0, 4.0, 4.0, 9.0};
  const BarHistogram single = bar_histogram("t", "tiles", values, 40, true);
  CHECK(single.counts == std::vector<std::int64_t>{1, 2, 0, 0, 0, 0, 1});
  CHECK(single.width == 1.0);
  const BarHistogram pooled = bar_histogram("t", "tiles", values, 4, true);
  CHECK(pooled.width == 2.0);
  CHECK(pooled.counts == std::vector<std::int64_t>{3, 0, 0, 1});
  CHECK(pooled.bar_of(9.0) == 3);
  CHECK(pooled.bar_of(2.0) == -1);
  CHECK(pooled.bar_of(std::nan("")) == -1);
}

TEST_CASE("kept tiles and time are counted for items, SMs, CTAs, warpgroups and warps") {
  std::vector<core::WorkRecord> records;
  for (std::int32_t i = 0; i < 24; ++i) {
    core::WorkRecord record;
    record.clock = core::ClockDomain::kGlobaltimerNs;
    record.head = i % 3, record.q_block = i / 3;
    record.cta = static_cast<std::uint32_t>(i % 6), record.unit = record.cta / 2;
    record.start_ns = 1000 + 100 * static_cast<std::uint64_t>(i);
    record.end_ns = record.start_ns + 50 + static_cast<std::uint64_t>(i);
    record.tiles_seen = 24, record.tiles_kept = static_cast<std::uint64_t>(i);
    records.push_back(record);
    for (record.warp = 0; record.warp < 8; ++record.warp) records.push_back(record);
  }
  const BalanceReport report = balance_report(records);
  const std::pair<WorkLevel, std::size_t> expected[] = {{WorkLevel::kItem, 24},
                                                        {WorkLevel::kUnit, 3},
                                                        {WorkLevel::kCta, 6},
                                                        {WorkLevel::kWarpgroup, 12},
                                                        {WorkLevel::kWarp, 48}};
  REQUIRE(report.groups.size() == std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const WorkGroup& group = report.groups[i];
    CHECK(group.level == expected[i].first);
    CHECK(group.members.size() == expected[i].second);
    for (const WorkQuantity quantity : kWorkQuantities) {
      const auto [bars, none] = histograms_of(group, {}, quantity);
      CHECK(bars.total() == static_cast<std::int64_t>(expected[i].second));
      CHECK(none.counts.empty());
    }
  }
  // CTA 5 has items 5, 11, 17 and 23, of which the last is the longest.
  const WorkMember& cta = report.groups[2].members[5];
  CHECK(cta.kept == 5.0 + 11.0 + 17.0 + 23.0);
  CHECK(cta.items == 4.0);
  CHECK(cta.longest.q_block == 7);
  CHECK(cta.longest.head == 2);
  CHECK(cta.longest.unit == 2);
  CHECK(cta.longest.time_ns == 2300.0 + 73.0 / 2.0);
  CHECK(name_of(report.groups[2], cta) == "CTA 5");
  CHECK(name_of(report.groups[4], report.groups[4].members[11]) == "CTA 1, warp 3");
  CHECK(name_of(report.groups[0], report.groups[0].members[4]) == "head 1, Q block 1");
}

TEST_CASE("the members of all bars are all members, the largest of a bar first") {
  const WorkGroup group = balance_report(sample_records()).groups[0];
  for (const WorkQuantity quantity : kWorkQuantities) {
    const BarHistogram bars = histograms_of(group, {}, quantity).first;
    std::size_t found = 0;
    for (int bar = 0; bar < static_cast<int>(bars.counts.size()); ++bar) {
      const auto members = members_in(group, quantity, bars, bar);
      CHECK(static_cast<std::int64_t>(members.size()) ==
            bars.counts[static_cast<std::size_t>(bar)]);
      for (std::size_t i = 1; i < members.size(); ++i) {
        REQUIRE(value_of(group.members[members[i - 1]], quantity) >=
                value_of(group.members[members[i]], quantity));
      }
      found += members.size();
    }
    CHECK(found == group.members.size());
    CHECK(members_in(group, quantity, bars, -1).empty());
  }
}

TEST_CASE("two runs are counted over the same bars") {
  WorkGroup first{WorkLevel::kUnit, "SM", {}}, second = first;
  for (double value : {1.0, 2.0, 3.0}) first.members.push_back({0, -1, value, value, value, 1, {}});
  second.members.push_back({0, -1, 9.0, 9.0, 9.0, 1, {}});
  const auto [bars, beside] = histograms_of(first, second, WorkQuantity::kTime);
  CHECK(bars.low == beside.low);
  CHECK(bars.width == beside.width);
  CHECK(bars.total() == 3);
  CHECK(beside.total() == 1);
  CHECK(beside.counts.back() == 1);
}

TEST_CASE("a report counts every item, unit and CTA, and its figures are those of analysis") {
  const auto records = sample_records();
  const BalanceReport report = balance_report(records);
  REQUIRE(report.work.has_value());
  REQUIRE(report.groups.size() == 2);
  const WorkGroup &items = report.groups[0], &units = report.groups[1];
  CHECK(items.level == WorkLevel::kItem);
  CHECK(items.members.size() == 64);
  CHECK(units.name == "worker thread");
  REQUIRE(units.members.size() == 4);
  CHECK(units.members[2].time_us * 1e3 == report.work->units.units[2].busy_ns);
  CHECK(units.members[2].kept == report.work->units.units[2].kept);
  CHECK(report.counters.empty());
  const auto lines = balance_lines(report.work->units, report.work->records.clock);
  REQUIRE(lines.size() > 3);
  CHECK(lines[0] == std::pair<QString, QString>("workers", "4"));
  const QString cost = cost_text(report.work->model);
  CAPTURE(cost.toStdString());
  CHECK(cost.contains("a tile seen"));
  CHECK(cost.contains("500 ns an item"));
}

TEST_CASE("without records there is nothing to say, and nothing is made up") {
  const BalanceReport report = balance_report({});
  CHECK_FALSE(report.work.has_value());
  CHECK(report.findings.empty());
  CHECK(report.groups.empty());
  CHECK(balance_lines({}, core::ClockDomain::kNone).empty());
  CHECK(cost_text({}).isEmpty());
}

TEST_CASE("the profiler's own conclusions stand before ours, unless they are no conclusions") {
  traces::Profile profile;
  profile.findings = R"([{"severity":"warning","rule":"late-unit","text":"SM 3 ends late"},
                         {"severity":"note","text":"well"}, {"severity":"note"}, 5])";
  auto report = balance_report(sample_records(), &profile);
  REQUIRE(report.findings.size() == 2);
  CHECK(report.findings[0].warning);
  CHECK(report.findings[0].text == "SM 3 ends late");
  CHECK_FALSE(report.findings[1].warning);
  const auto computed = balance_report(sample_records()).findings.size();
  for (const char* broken : {"", "{", "{}", "7"}) {
    profile.findings = broken;
    CHECK(balance_report(sample_records(), &profile).findings.size() == computed);
  }
}

TEST_CASE("counters, stalls and refusals of a profile become rows") {
  traces::Profile profile;
  profile.multiprocessors = 10;
  profile.counters = {{"tensor", "ops", 5.0}};
  profile.stalls = {{"f", "a.cu", 3, "x = y;", "long_scoreboard", 25},
                    {"f", "a.cu", 4, "", "wait", 75}};
  traces::Facility refused;
  refused.name = "counters";
  refused.status = traces::Facility::Status::kRefused;
  refused.refusal = "INSUFFICIENT_PRIVILEGES";
  refused.advice = "ask the administrator";
  profile.facilities = {refused, {}};
  const BalanceReport report = balance_report(sample_records(), &profile);
  CHECK(report.counters.size() == 1);
  REQUIRE(report.stalls.size() == 2);
  CHECK(report.stalls[0].reason == "wait");
  CHECK(report.stalls[0].share == 0.75);
  CHECK(report.facilities[0].refused);
  CHECK(report.facilities[0].detail == "INSUFFICIENT_PRIVILEGES; ask the administrator");
  CHECK_FALSE(report.facilities[1].refused);
  CHECK(report.work->units.absent == 6);
}
