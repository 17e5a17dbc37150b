// SPDX-License-Identifier: GPL-3.0-or-later
#include <QStringList>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "core/random.h"
#include "gui/models/color_map.h"
#include "gui/models/lanes.h"
#include "gui/models/metric_name.h"
#include "tests/gui_models/support.h"

using namespace bsfa;
using namespace bsfa::gui;

namespace {

core::WorkRecord record(std::uint32_t unit, std::uint64_t start, std::uint64_t end,
                        std::int32_t head = 0, std::int32_t q_block = 0) {
  core::WorkRecord out;
  out.unit = unit;
  out.start_ns = 1000 + start;
  out.end_ns = 1000 + end;
  out.head = head;
  out.q_block = q_block;
  out.clock = core::ClockDomain::kGlobaltimerNs;
  out.tiles_seen = 10;
  out.tiles_kept = 5;
  return out;
}

}  // namespace

TEST_CASE("each unit has a lane, and more where its items overlap") {
  const std::vector<core::WorkRecord> records{record(7, 0, 100), record(7, 50, 150),
                                              record(7, 100, 200), record(2, 10, 20)};
  const TimelineModel model(records);
  REQUIRE(model.lanes().size() == 3);
  CHECK(model.lanes()[0].label == "SM 2");
  CHECK(model.lanes()[1].label == "SM 7");
  CHECK(model.lanes()[2].label.isEmpty());
  CHECK(model.lanes()[2].part == 1);
  CHECK_FALSE(model.lanes()[2].first_of_unit);
  CHECK(model.lanes()[1].items.size() == 2);
  CHECK(model.length_ns() == 200.0);
  CHECK(model.shortest_ns() == 10.0);
  CHECK(model.longest_ns() == 100.0);
}

TEST_CASE("no two items of a lane overlap, and every item has its place") {
  core::SplitMix64 random(8);
  std::vector<core::WorkRecord> records;
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t start = random.below(100000);
    records.push_back(
        record(static_cast<std::uint32_t>(random.below(16)), start, start + random.below(500)));
  }
  const TimelineModel model(records);
  std::size_t items = 0;
  for (const TimelineLane& lane : model.lanes()) {
    items += lane.items.size();
    for (std::size_t i = 1; i < lane.items.size(); ++i)
      REQUIRE(lane.items[i].start_ns >= lane.items[i - 1].end_ns);
  }
  CHECK(items == records.size());
}

TEST_CASE("what is visible is what overlaps, and what is hit is what is there") {
  const TimelineModel model(std::vector{record(0, 0, 10), record(0, 20, 30), record(0, 40, 50)});
  CHECK(model.visible(0, 25.0, 45.0).size() == 2);
  CHECK(model.visible(0, 10.0, 20.0).empty());
  CHECK(model.visible(0, -5.0, 100.0).size() == 3);
  CHECK(model.visible(9, 0.0, 100.0).empty());
  REQUIRE(model.hit(0, 5.0) != nullptr);
  CHECK(model.hit(0, 5.0)->record == 0);
  CHECK(model.hit(0, 15.0) == nullptr);
  REQUIRE(model.hit(0, 18.5, 2.0) != nullptr);
  CHECK(model.hit(0, 18.5, 2.0)->record == 1);
  CHECK(model.hit(0, 11.0, 2.0)->record == 0);
  CHECK(model.hit(0, 60.0, 2.0) == nullptr);
  CHECK(model.hit(9, 5.0) == nullptr);
}

TEST_CASE("items are found by what they computed and by where they ran") {
  const TimelineModel model(
      std::vector{record(0, 0, 10, 3, 4), record(1, 5, 20, 2, 4), record(1, 30, 40, 3, 4)});
  const auto found = model.find(0, 3, 4);
  REQUIRE(found.has_value());
  CHECK(model.lanes()[found->lane].unit == 0);
  CHECK_FALSE(model.find(0, 9, 4).has_value());
  CHECK_FALSE(model.find(1, 3, 4).has_value());
  const auto at = model.find(1U, 35.0);
  REQUIRE(at.has_value());
  CHECK(model.lanes()[at->lane].items[at->item].record == 2);
  CHECK_FALSE(model.find(1U, 25.0).has_value());
  CHECK(model.describe(model.lanes()[at->lane].items[at->item]) ==
        "head 3, Q block 4, 10 ns: 5 of 10 tiles kept, CTA 0");
}

TEST_CASE("records that no figure can be drawn from are set aside and counted") {
  auto backwards = record(0, 50, 10), clockless = record(0, 0, 10);
  clockless.clock = core::ClockDomain::kNone;
  const TimelineModel model(std::vector{record(0, 0, 10), backwards, clockless});
  CHECK(model.item_count() == 1);
  CHECK(model.set_aside() == 2);
  const TimelineModel nothing(std::vector{clockless});
  CHECK(nothing.empty());
  CHECK(nothing.length_ns() == 0.0);
  CHECK(TimelineModel().empty());
}

TEST_CASE("colours tell heads, densities and durations apart") {
  auto dense = record(0, 0, 100, 1), sparse = record(0, 100, 110, 2);
  dense.tiles_kept = 10;
  sparse.tiles_kept = 0;
  const TimelineModel model(std::vector{dense, sparse});
  const auto& items = model.lanes()[0].items;
  CHECK(model.color_of(items[0], ItemColor::kHead) == category_color(1));
  CHECK(model.color_of(items[0], ItemColor::kDensity) == viridis()[255]);
  CHECK(model.color_of(items[1], ItemColor::kDensity) == viridis()[0]);
  CHECK(model.color_of(items[0], ItemColor::kDuration) == viridis()[255]);
  CHECK(model.color_of(items[1], ItemColor::kDuration) == viridis()[0]);
  auto hostile = record(0, 0, 0, -5);
  hostile.tiles_seen = hostile.tiles_kept = 0;
  const TimelineModel odd(std::vector{hostile});
  for (const auto by : {ItemColor::kHead, ItemColor::kDensity, ItemColor::kDuration})
    CHECK(qAlpha(odd.color_of(odd.lanes()[0].items[0], by)) == 255);
}

TEST_CASE("spans nest in lanes of their own, and samples become series") {
  traces::Profile profile;
  profile.spans = {{traces::SpanKind::kRange, "outer", 100, 200, 0, 1, 0},
                   {traces::SpanKind::kRange, "inner", 120, 150, 1, 1, 0},
                   {traces::SpanKind::kKernel, "kernel", 130, 180, 0, 7, 0},
                   {traces::SpanKind::kKernel, "backwards", 190, 180, 0, 7, 0}};
  profile.samples.emplace();
  profile.samples->start_ns = {0, 10, 20};
  profile.samples->series = {
      {"tensor", {1.0F, std::nanf(""), 3.0F}}, {"short", {2.0F}}, {"none", {}}};
  const TimelineModel model(std::vector{record(0, 0, 10)}, &profile);
  const SpanRows& rows = model.spans();
  REQUIRE(rows.spans.size() == 3);
  REQUIRE(rows.rows.size() == 3);
  CHECK(rows.spans[1].name == "inner");
  CHECK(rows.spans[1].row == 1);
  CHECK(rows.spans[2].row == 2);
  // The kernel stands for the launch, and the host began before it.
  CHECK(rows.has_launch);
  CHECK(rows.spans[2].start_ns == 0.0);
  CHECK(rows.spans[0].start_ns == -30.0);
  CHECK(model.begin_ns() == -30.0);
  CHECK(model.end_ns() == 70.0);
  REQUIRE(model.series().size() == 3);
  CHECK(model.series()[0].low == 1.0F);
  CHECK(model.series()[0].high == 3.0F);
  CHECK(model.series()[1].values.size() == 3);
  CHECK(std::isnan(model.series()[1].values[2]));
  CHECK(model.series()[2].low == 0.0F);
}

TEST_CASE("the launch that spans are laid by is the longest kernel's nearest to the work") {
  traces::Profile profile;
  const auto kernel = [](const char* name, std::uint64_t start, std::uint64_t length) {
    return traces::Span{traces::SpanKind::kKernel, name, start, start + length, 0, 7, 0};
  };
  profile.spans = {kernel("forward", 500, 100), kernel("fill", 900, 40),
                   kernel("forward", 1100, 100), kernel("forward", 5000, 100)};
  const std::vector near{record(0, 0, 10)};  // starts at 1000
  CHECK(span_rows(profile, near).spans[2].start_ns == 0.0);
  std::vector host = near;
  host[0].clock = core::ClockDomain::kMonotonicNs;
  CHECK(span_rows(profile, host).spans[3].start_ns == 0.0);
  profile.spans = {{traces::SpanKind::kRange, "host only", 100, 200, 0, 1, 0}};
  const SpanRows alone = span_rows(profile, near);
  CHECK_FALSE(alone.has_launch);
  CHECK(alone.spans[0].start_ns == 0.0);
  CHECK(alone.rows[0].label == "host 1");
}

TEST_CASE("what is nested lies below what encloses it, also where both start at once") {
  traces::Profile profile;
  profile.spans = {{traces::SpanKind::kRange, "inner", 100, 150, 1, 1, 0},
                   {traces::SpanKind::kRange, "outer", 100, 200, 0, 1, 0},
                   {traces::SpanKind::kRange, "second", 160, 190, 1, 1, 0},
                   {traces::SpanKind::kRange, "other thread", 100, 200, 0, 2, 0}};
  const SpanRows rows = span_rows(profile, {});
  REQUIRE(rows.rows.size() == 3);
  CHECK(rows.spans[0].name == "outer");
  CHECK(rows.spans[1].name == "inner");
  CHECK(rows.spans[2].name == "second");
  CHECK(rows.rows[1].label.isEmpty());
  CHECK(rows.rows[2].label == "host 2");
  CHECK(rows.visible(1, 55.0, 60.0).empty());
  CHECK(rows.visible(1, 40.0, 61.0).size() == 2);
  CHECK(rows.visible(9, 0.0, 1e9).empty());
}

TEST_CASE("of more spans than are kept the shortest are left out and counted") {
  traces::Profile profile;
  for (std::uint64_t i = 0; i < 100; ++i)
    profile.spans.push_back(
        {traces::SpanKind::kCopy, "copy", 1000 * i, 1000 * i + i, 0, 3, 1 << 21});
  const SpanRows rows = span_rows(profile, {}, 10);
  CHECK(rows.spans.size() == 10);
  CHECK(rows.left_out == 90);
  for (const TimelineSpan& span : rows.spans) CHECK(span.end_ns - span.start_ns >= 90.0);
  CHECK(describe(rows.spans[0]) == "copy copy: 90 ns, from 0 ns, 2.0 MiB");
}

TEST_CASE("kernels are called by their function's name where there is no room for more") {
  CHECK(short_span_name("void bsfa::cuda::forward<Config<__half, 128>, true>(bsfa::Parameters)") ==
        "forward");
  CHECK(short_span_name("launch 0") == "launch 0");
  CHECK(short_span_name("Memcpy (HtoD)") == "Memcpy (HtoD)");
  CHECK(short_span_name("a > b") == "a  b");
}

TEST_CASE("metrics are read as a name and a unit") {
  const auto read = [](const char* metric) {
    const MetricName made = metric_name(QString::fromUtf8(metric));
    return (made.name + "|" + made.unit).toStdString();
  };
  CHECK(read("TPC.TriageCompute.sm__inst_executed_realtime.avg.per_cycle_elapsed") ==
        "sm__inst_executed_realtime avg|per cycle");
  CHECK(read("FBSP.TriageCompute.dramc__read_throughput.avg.pct_of_peak_sustained_elapsed") ==
        "dramc__read_throughput avg|%");
  CHECK(read("dram__bytes_read.sum.per_second") == "dram__bytes_read sum|B/s");
  CHECK(read("dram__bytes_read.sum") == "dram__bytes_read sum|B");
  CHECK(read("FE_B.TriageCompute.gr__ctas_launched_realtime.sum") ==
        "gr__ctas_launched_realtime sum|");
  CHECK(read("tensor pipe %") == "tensor pipe|%");
  CHECK(read("") == "|");
}

TEST_CASE("a profile alone, without work items, still has spans and samples to show") {
  traces::Profile profile;
  profile.samples.emplace();
  profile.samples->start_ns = {0, 500};
  profile.samples->series = {{"tensor", {1.0F, 2.0F}}};
  const TimelineModel model({}, &profile);
  CHECK_FALSE(model.empty());
  CHECK(model.without_items());
  CHECK(model.end_ns() == 500.0);
}

TEST_CASE("series that tell most come first, the others keep their order") {
  traces::Profile profile;
  profile.samples.emplace();
  profile.samples->start_ns = {0};
  for (const char* name : {"b", "a", "x.dramc__read_throughput.avg", "c",
                           "x.sm__pipe_tensor_cycles_active_realtime.avg.pct"}) {
    profile.samples->series.push_back({name, {1.0F}});
  }
  const TimelineModel model(std::vector{record(0, 0, 10)}, &profile);
  QStringList names;
  for (const auto& series : model.series()) names << series.name;
  CHECK(names.join(' ') ==
        "x.sm__pipe_tensor_cycles_active_realtime.avg.pct "
        "x.dramc__read_throughput.avg b a c");
}

TEST_CASE("a hundred thousand items, all at once on one unit, are laid out in no time") {
  std::vector<core::WorkRecord> records(100000, record(0, 0, 1000));
  const double ms = test::best_ms([&] { TimelineModel model(records); }, 1);
  CAPTURE(ms);
  CHECK(ms < 5000.0);
}
