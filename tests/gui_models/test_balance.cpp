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

TEST_CASE("a report counts every item, unit and CTA, and its figures are those of analysis") {
  const auto records = sample_records();
  const BalanceReport report = balance_report(records);
  REQUIRE(report.work.has_value());
  CHECK(report.item_time.total() == 64);
  CHECK(report.item_kept.total() == 64);
  CHECK(report.unit_time.total() == 4);
  CHECK(report.cta_time.total() == 64);
  CHECK(report.warp_time.total() == 0);
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
  CHECK(report.item_time.counts.empty());
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
