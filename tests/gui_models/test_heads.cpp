// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "gui/models/head_figures.h"
#include "gui/models/number_text.h"
#include "tests/gui_models/support.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::problem_of;
using test::sequence_of;

namespace {

std::shared_ptr<const TraceFile> open_trace(const test::Folder& folder,
                                            const std::vector<traces::Sequence>& layers,
                                            const std::string& report = "{}") {
  test::write_trace(folder / "t.h5", layers, report);
  auto file = TraceFile::open(folder / "t.h5").file;
  REQUIRE(file != nullptr);
  return file;
}

HeadFigures figures(std::int64_t head, double arithmetic, std::int64_t violations, double method) {
  HeadFigures out;
  out.key.head = head;
  out.arithmetic = arithmetic;
  out.violations = violations;
  out.method = method;
  return out;
}

std::vector<int> shown_heads(const HeadFilter& filter) {
  std::vector<int> heads;
  for (int row = 0; row < filter.rowCount(); ++row)
    heads.push_back(filter.index(row, HeadTableModel::kHead).data(kValueRole).toInt());
  return heads;
}

constexpr double kNanValue = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("figures of a head are those of its checked Q blocks alone") {
  auto s = sequence_of(problem_of(2, 4, 8), 1);
  s.held.emplace(8, std::uint8_t{1});
  (*s.held)[5] = 0;
  for (auto* array : {&s.error_arithmetic, &s.error_method, &s.retained_mass, &s.retained_mass_min,
                      &s.certificate, &s.threshold}) {
    (**array)[5] = std::nanf("");
  }
  *s.error_arithmetic = {0.1F, 0.2F, 0.3F, 0.4F, 0.9F, std::nanf(""), 1.5F, 0.1F};
  *s.gating_violations = {0, 0, 0, 0, 1, 0, 2, 0};
  *s.retained_mass = {1.0F, 0.5F, 0.5F, 1.0F, 0.25F, std::nanf(""), 0.5F, 0.75F};
  const test::Folder folder;
  const auto heads = head_figures(*open_trace(folder, {s}));
  REQUIRE(heads.size() == 2);
  CHECK(heads[0].blocks == 4);
  CHECK(heads[0].arithmetic == Approx(0.4));
  CHECK(heads[0].retained_mass == Approx(0.75));
  CHECK_FALSE(heads[0].failed());
  CHECK(heads[1].blocks == 3);
  CHECK(heads[1].arithmetic == Approx(1.5));
  CHECK(heads[1].violations == 3);
  CHECK(heads[1].retained_mass == Approx(0.5));
  CHECK(heads[1].failed());
}

TEST_CASE("an arithmetic error of NaN in a checked block fails its head") {
  auto s = sequence_of(problem_of(1, 2, 4), 1);
  (*s.error_arithmetic)[1] = std::nanf("");
  const test::Folder folder;
  const auto heads = head_figures(*open_trace(folder, {s}));
  CHECK(std::isnan(*heads[0].arithmetic));
  CHECK(heads[0].failed());
}

TEST_CASE("density comes from the report, from work records, or from counting, and they agree") {
  auto s = sequence_of(problem_of(2, 6, 12), 1);
  const test::Folder folder;
  {
    const auto file = open_trace(folder, {s});
    CHECK_FALSE(head_figures(*file)[0].density.has_value());
    CHECK(counted_density(*file, {{0, 0}, 0}).has_value());
    CHECK_FALSE(counted_density(*file, {{3, 0}, 0}).has_value());
  }
  s.work = test::records_of(s, 3);
  const auto file = open_trace(folder, {s});
  const auto heads = head_figures(*file);
  for (const HeadFigures& head : heads)
    CHECK(*head.density == Approx(*counted_density(*file, head.key)));
  const auto reported = head_figures(*open_trace(
      folder, {s},
      R"({"heads":[{"layer":0,"batch":0,"head":1,"density":0.125}, 7, {"layer":"x"}]})"));
  CHECK(reported[1].density == 0.125);
  CHECK(*reported[0].density == Approx(*heads[0].density));
}

TEST_CASE("reports that are no JSON, or another JSON, cost nothing but their densities") {
  const test::Folder folder;
  const auto s = sequence_of(problem_of(1, 2, 4), 1);
  for (const char* report : {"", "{", "[]", "{\"heads\":{}}", "{\"heads\":[null]}"}) {
    CAPTURE(report);
    CHECK(head_figures(*open_trace(folder, {s}, report)).size() == 1);
  }
}

TEST_CASE("imbalance is a head's time over the mean head's, or its tiles without a clock") {
  auto s = sequence_of(problem_of(2, 4, 8), 1);
  s.work = test::records_of(s, 2);
  for (auto& record : *s.work) record.end_ns = record.start_ns + (record.head == 0 ? 300 : 100);
  const test::Folder folder;
  auto heads = head_figures(*open_trace(folder, {s}));
  CHECK(heads[0].imbalance == Approx(1.5));
  CHECK(heads[1].imbalance == Approx(0.5));
  for (auto& record : *s.work) record.clock = core::ClockDomain::kNone;
  heads = head_figures(*open_trace(folder, {s}));
  CHECK(*heads[0].imbalance + *heads[1].imbalance == Approx(2.0));
}

TEST_CASE("the worst head is a failed one before all, then the one that loses most") {
  CHECK_FALSE(worst_head({}).has_value());
  const auto good = figures(0, 0.2, 0, 0.5), better = figures(1, 0.9, 0, 0.1);
  const auto wrong = figures(2, 1.1, 0, 0.0), violating = figures(3, 0.1, 4, 0.0);
  const auto nan = figures(4, kNanValue, 0, 0.0);
  CHECK(worst_head({better, good})->head == 0);
  CHECK(worst_head({good, better, wrong})->head == 2);
  CHECK(worst_head({good, wrong, violating})->head == 3);
  CHECK(worst_head({wrong, nan, good})->head == 4);
  CHECK(worst_head({HeadFigures{}})->head == 0);
}

TEST_CASE("the head table shows figures for people and gives numbers in full") {
  HeadTableModel table;
  auto head = figures(3, 0.123456789, 0, 0.0);
  head.retained_mass = 0.99999;
  table.set_heads({head});
  CHECK(table.rowCount() == 1);
  CHECK(table.index(0, HeadTableModel::kArithmetic).data().toString() == "0.123");
  CHECK(table.index(0, HeadTableModel::kArithmetic).data(kValueRole).toDouble() == 0.123456789);
  CHECK(table.index(0, HeadTableModel::kRetainedMass).data().toString() == "99.99 %");
  CHECK(table.index(0, HeadTableModel::kDensity).data().toString() == "–");
  CHECK_FALSE(table.index(0, HeadTableModel::kDensity).data(kValueRole).isValid());
  table.set_density(head.key, 0.25);
  CHECK(table.index(0, HeadTableModel::kDensity).data().toString() == "25.00 %");
  CHECK(table.row_of({{0, 0}, 3}) == 0);
  CHECK(table.row_of({{0, 0}, 4}) == -1);
  for (int column = 0; column < HeadTableModel::kColumnCount; ++column)
    CHECK_FALSE(table.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().isEmpty());
}

TEST_CASE("heads sort by their numbers, NaN worst and what does not exist last in either order") {
  HeadTableModel table;
  auto none = figures(0, 0.0, 0, 0.0);
  none.method.reset();
  table.set_heads(
      {none, figures(1, 0, 0, 10.0), figures(2, 0, 0, kNanValue), figures(3, 0, 0, 9.0)});
  HeadFilter filter;
  filter.setSourceModel(&table);
  filter.sort(HeadTableModel::kMethod, Qt::DescendingOrder);
  CHECK(shown_heads(filter) == std::vector{2, 1, 3, 0});
  filter.sort(HeadTableModel::kMethod, Qt::AscendingOrder);
  CHECK(shown_heads(filter) == std::vector{3, 1, 2, 0});
}

TEST_CASE("a filter finds places, failures, comparisons and text, all words at once") {
  HeadTableModel table;
  auto deep = figures(2, 0.1, 0, 0.3);
  deep.key.sequence = {4, 1};
  deep.density = 0.2;
  table.set_heads({figures(0, 0.1, 0, 0.05), figures(1, 2.0, 3, 0.2), deep});
  HeadFilter filter;
  filter.setSourceModel(&table);
  const auto with = [&](const char* text) {
    filter.set_text(text);
    return shown_heads(filter);
  };
  CHECK(with("") == std::vector{0, 1, 2});
  CHECK(with("4.2") == std::vector{2});
  CHECK(with("L4/H2") == std::vector{2});
  CHECK(with("l4/s0") == std::vector<int>{});
  CHECK(with("H1") == std::vector{1});
  CHECK(with("fail") == std::vector{1});
  CHECK(with("method>0.1") == std::vector{1, 2});
  CHECK(with("method>10%") == std::vector{1, 2});
  CHECK(with("method>0.1 density<0.5") == std::vector{2});
  CHECK(with("density>=0") == std::vector{2});
  CHECK(with("violations=3") == std::vector{1});
  CHECK(with("20.00") == std::vector{2});
  CHECK(with("zebra") == std::vector<int>{});
  CHECK(with("method>x") == std::vector<int>{});
}

TEST_CASE("numbers are shown with three digits, and no share below one as the whole") {
  CHECK(figure_text(0.23811) == "0.238");
  CHECK(figure_text(kNanValue) == "NaN");
  CHECK(figure_text(-HUGE_VAL) == "−∞");
  CHECK(percent_text(1.0) == "100.00 %");
  CHECK(percent_text(0.9999999) == "99.99 %");
  CHECK(percent_text(std::optional<double>()) == "–");
}
