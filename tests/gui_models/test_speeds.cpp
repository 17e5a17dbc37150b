// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "analysis/bound.h"
#include "analysis/work_profile.h"
#include "tests/gui_models/threshold_desk.h"
#include "traces/writer.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::Desk;
using test::head;
using test::problem_of;
using test::sequence_of;
using test::wait_until;
using Kind = ThresholdChoice::Kind;

TEST_CASE("speed follows the trace's cost model, and is an upper bound without one") {
  Desk with_work;
  with_work.settle();
  const SpeedEstimate predicted = with_work.model.speed(0);
  REQUIRE(predicted.factor.has_value());
  CHECK_FALSE(predicted.upper_bound);
  const auto records = with_work.file->read_work(0);
  const auto profile = analysis::profile_work(records);
  const auto expected =
      analysis::predicted_speed_up(profile.model, analysis::total_work(profile.records.ctas));
  CHECK(*predicted.factor == Approx(*expected).epsilon(0.01));
  with_work.model.set_kind(ThresholdScope::kAll, head(0), Kind::kDensity, 0.05);
  CHECK(*with_work.model.speed(0).factor > *predicted.factor);

  Desk without(true, false);
  without.settle();
  const SpeedEstimate bound = without.model.speed(0);
  REQUIRE(bound.factor.has_value());
  CHECK(bound.upper_bound);
  CHECK(*bound.factor > 1.0);
  CHECK(*bound.factor < 2.0);
}

TEST_CASE("speed counts the Q blocks that were checked, as its tiles do") {
  // One in eight blocks of each head, another one in each: the trace holds all, no head does.
  auto s = sequence_of(problem_of(8, 64, 128), 7);
  s.held.emplace(std::size_t(8 * 64), std::uint8_t{0});
  for (std::size_t h = 0; h < 8; ++h) {
    for (std::size_t m = h; m < 64; m += 8) (*s.held)[h * 64 + m] = 1;
  }
  test::add_curves(s);
  s.work = test::records_of(s, 4);
  const auto work = analysis::profile_work(*s.work);
  const auto expected =
      analysis::predicted_speed_up(work.model, analysis::total_work(work.records.ctas));
  REQUIRE(expected.has_value());
  const test::Folder folder;
  test::write_trace(folder / "t.h5", {s});
  ThresholdModel model;
  model.set_file(TraceFile::open(folder / "t.h5").file);
  model.effect(ThresholdScope::kAll, head(0));
  REQUIRE(wait_until([&] { return !model.pending(); }));
  CHECK(model.effect(ThresholdScope::kLayer, head(0)).blocks == 64);
  CHECK_FALSE(model.speed(0).upper_bound);
  CHECK(*model.speed(0).factor == Approx(*expected).epsilon(0.005));
}

TEST_CASE("heads whose curves are not there yet count neither as tiles nor as work items") {
  Desk desk;
  desk.settle();
  const double both = *desk.model.speed(0).factor;
  // Only the head in view is known: its tiles cost what its own items cost.
  Desk bare(false, true);
  bare.settle();
  REQUIRE(bare.model.speed(0).factor.has_value());
  CHECK_FALSE(bare.model.speed(0).upper_bound);
  CHECK(*bare.model.speed(0).factor == Approx(both).epsilon(0.02));
}

TEST_CASE("a kernel that splits a Q block into several work items is charged for each") {
  auto s = sequence_of(problem_of(2, 48, 96), 7);
  test::add_curves(s);
  std::vector<core::WorkRecord> halves;
  for (const auto& whole : test::records_of(s, 4)) {
    for (std::uint32_t pass = 0; pass < 2; ++pass) {
      auto half = whole;
      half.pass = pass;
      half.tiles_seen = pass == 0 ? whole.tiles_seen / 2 : whole.tiles_seen - whole.tiles_seen / 2;
      half.tiles_kept = pass == 0 ? whole.tiles_kept / 3 : whole.tiles_kept - whole.tiles_kept / 3;
      half.tiles_kept = std::min(half.tiles_kept, half.tiles_seen);
      half.end_ns = half.start_ns + 20000 + 100 * half.tiles_seen + 90 * half.tiles_kept;
      halves.push_back(half);
    }
  }
  s.work = halves;
  const auto work = analysis::profile_work(halves);
  const auto expected =
      analysis::predicted_speed_up(work.model, analysis::total_work(work.records.ctas));
  const test::Folder folder;
  test::write_trace(folder / "t.h5", {s});
  ThresholdModel model;
  model.set_file(TraceFile::open(folder / "t.h5").file);
  model.effect(ThresholdScope::kAll, head(0));
  REQUIRE(wait_until([&] { return !model.pending(); }));
  CHECK(*model.speed(0).factor == Approx(*expected).epsilon(0.01));
}

TEST_CASE(
    "measured speed is that of the profile, at the k of as many tiles, until others are tried") {
  auto s = sequence_of(problem_of(2, 48, 96), 7);
  test::add_curves(s);
  traces::Profile profile;
  profile.facilities.resize(1);
  profile.facilities[0].name = "time";
  profile.times = {{"none", {100.0, 101.0, 99.0}}, {"dense", {140.0, 141.4, 138.6}}};
  const test::Folder folder;
  {
    traces::TraceWriter writer((folder / "t.h5").toStdString());
    writer.add(0, 0, s);
    writer.add(1, 0, s);
    writer.add_profile(0, profile);
    writer.commit({}, {"{}"});
  }
  const auto file = TraceFile::open(folder / "t.h5").file;
  ThresholdModel model;
  model.set_file(file);
  model.set_head(head(0), file->read_head(head(0)).arrays);
  model.effect(ThresholdScope::kAll, head(0));
  REQUIRE(wait_until([&] { return !model.pending(); }));
  REQUIRE(model.measured_speed(0).has_value());
  CHECK(*model.measured_speed(0) == Approx(1.4));
  CHECK_FALSE(model.measured_speed(1).has_value());
  for (const auto scope : {ThresholdScope::kHead, ThresholdScope::kLayer}) {
    const auto& curve = model.curve(scope, head(0));
    REQUIRE(curve.measured.has_value());
    CHECK(curve.measured->speed == Approx(1.4));
    // That k keeps as much as the trace's thresholds do.
    const double density = *model.effect(scope, head(0)).density;
    model.set_kind(scope, head(0), Kind::kTopK, std::round(curve.measured->k));
    CHECK(*model.effect(scope, head(0)).density == Approx(density).margin(0.02));
    CHECK_FALSE(model.measured_speed(0).has_value());
    model.undo_stack().undo();
  }
  CHECK_FALSE(model.curve(ThresholdScope::kHead, head(0, 1)).measured.has_value());
  model.set_kind(ThresholdScope::kHead, head(0, 1), Kind::kTopK, 4);
  CHECK(model.measured_speed(0).has_value());

  profile.times = {{"none", {100.0}}, {"dense", {}}};
  CHECK_FALSE(measured_speed(profile).has_value());
  profile.times.clear();
  CHECK_FALSE(measured_speed(profile).has_value());
}
