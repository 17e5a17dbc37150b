// SPDX-License-Identifier: GPL-3.0-or-later
#include <QStringList>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "core/random.h"
#include "gui/models/color_map.h"
#include "gui/models/lanes.h"
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
  REQUIRE(model.spans().size() == 3);
  CHECK(model.span_lanes() == 3);
  CHECK(model.spans()[1].lane == 1);
  CHECK(model.spans()[1].start_ns == 20.0);
  CHECK(model.spans()[2].lane == 2);
  CHECK(model.spans_length_ns() == 100.0);
  REQUIRE(model.series().size() == 3);
  CHECK(model.series()[0].low == 1.0F);
  CHECK(model.series()[0].high == 3.0F);
  CHECK(model.series()[1].values.size() == 3);
  CHECK(std::isnan(model.series()[1].values[2]));
  CHECK(model.series()[2].low == 0.0F);
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
