// SPDX-License-Identifier: GPL-3.0-or-later
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include <catch2/catch.hpp>

#include "gui/views/timeline_view.h"
#include "tests/gui_models/support.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

/// Items of about 1 µs on `units` lanes.
std::vector<core::WorkRecord> many_records(std::size_t count, std::uint32_t units) {
  std::vector<core::WorkRecord> records;
  for (std::size_t i = 0; i < count; ++i) {
    core::WorkRecord record;
    const std::size_t turn = i / units;
    record.head = static_cast<std::int32_t>(i % 8);
    record.q_block = static_cast<std::int32_t>(turn % 64);
    record.unit = static_cast<std::uint32_t>(i % units);
    record.cta = record.unit;
    record.clock = core::ClockDomain::kGlobaltimerNs;
    record.start_ns = 5000 + 1000 * turn + 13 * (i % 7);
    record.end_ns = record.start_ns + 600 + 300 * (i % 2);
    record.tiles_seen = 100, record.tiles_kept = 10 + i % 80;
    records.push_back(record);
  }
  return records;
}

traces::Profile sampled() {
  traces::Profile profile;
  traces::Samples samples;
  traces::SampleSeries tensor{"tensor pipe %", {}}, dram{"DRAM %", {}};
  for (std::uint64_t i = 0; i < 400; ++i) {
    samples.start_ns.push_back(i * 250);
    const double phase = static_cast<double>(i) / 15.0;
    tensor.values.push_back(static_cast<float>(i < 370 ? 85.0 + 4.0 * std::sin(phase) : 4.0));
    dram.values.push_back(static_cast<float>(20.0 + 3.0 * std::cos(phase)));
  }
  samples.interval_ns = 250;
  samples.series = {tensor, dram};
  profile.samples = samples;
  return profile;
}

struct Shown {
  SelectionModel selection;
  TimelineView view{selection};
  std::shared_ptr<const TimelineModel> model;

  explicit Shown(std::size_t items = 6600, std::uint32_t units = 66, int height = 420) {
    const traces::Profile profile = sampled();
    model = std::make_shared<TimelineModel>(many_records(items, units), &profile);
    view.set_model(model, 4);
    test::show(view, 900, height);
    Selection layer = selection.current();
    layer.layer = 4;
    selection.select(layer);
  }
  void wheel(const QPoint& at, QPoint delta, Qt::KeyboardModifiers modifiers) {
    QWheelEvent event(at, view.mapToGlobal(at), {}, delta, Qt::NoButton, modifiers,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(&view, &event);
  }
  QPoint middle(std::size_t lane, std::size_t item) const {
    return view.item_rect({lane, item}).value().center().toPoint();
  }
};

TEST_CASE("Ctrl and the wheel zoom a timeline at the cursor") {
  Shown made;
  const QPoint at = made.middle(3, 40);
  const double time = made.model->lanes()[3].items[40].start_ns;
  made.wheel(at, {0, 360}, Qt::ControlModifier);
  CHECK(made.view.axis().view().length() < made.model->length_ns() / 1.8);
  CHECK(made.view.axis().view().begin < time);
  CHECK(made.view.axis().view().end > time);
  made.wheel(at, {0, -1200}, Qt::ControlModifier);
  CHECK(made.view.axis().fits());
}

TEST_CASE("the wheel alone scrolls lanes and with Shift scrolls time") {
  Shown made(6600, 132, 300);
  auto* bar = made.view.findChild<QScrollBar*>();
  REQUIRE(bar->maximum() > 0);
  made.wheel({400, 200}, {0, -240}, {});
  CHECK(bar->value() > 0);
  made.wheel({400, 200}, {0, 360}, Qt::ControlModifier);
  const double begin = made.view.axis().view().begin;
  made.wheel({400, 200}, {0, -120}, Qt::ShiftModifier);
  CHECK(made.view.axis().view().begin > begin);
}

TEST_CASE("W, S, A, D and F zoom, pan and fit a timeline") {
  Shown made;
  const double whole = made.view.axis().view().length();
  QTest::keyClick(&made.view, Qt::Key_W);
  QTest::keyClick(&made.view, Qt::Key_W);
  const AxisView near = made.view.axis().view();
  CHECK(near.length() < whole / 2.0);
  QTest::keyClick(&made.view, Qt::Key_D);
  CHECK(made.view.axis().view().begin > near.begin);
  QTest::keyClick(&made.view, Qt::Key_A);
  CHECK(made.view.axis().view().begin == Approx(near.begin));
  QTest::keyClick(&made.view, Qt::Key_S);
  CHECK(made.view.axis().view().length() > near.length());
  QTest::keyClick(&made.view, Qt::Key_F);
  CHECK(made.view.axis().fits());
}

TEST_CASE("a click on an item selects its head, Q block, unit and time, and Esc clears them") {
  Shown made;
  QTest::mouseClick(&made.view, Qt::LeftButton, {}, made.middle(5, 20));
  const TimelineItem& item = made.model->lanes()[5].items[20];
  const core::WorkRecord& record = made.model->records()[item.record];
  const Selection& now = made.selection.current();
  CHECK(now.layer == 4);
  CHECK(now.head == record.head);
  CHECK(now.q_block == record.q_block);
  CHECK(now.unit == record.unit);
  CHECK(now.time_ns >= item.start_ns);
  CHECK(now.time_ns <= item.end_ns);
  test::keep_picture(made.view, "timeline");
  QTest::keyClick(&made.view, Qt::Key_Right);
  CHECK(made.selection.current().time_ns > item.end_ns);
  QTest::keyClick(&made.view, Qt::Key_Escape);
  CHECK(made.selection.current().unit == -1);
  CHECK(made.selection.current().q_block == -1);
}

TEST_CASE("a drag pans a timeline and selects nothing") {
  Shown made;
  QTest::keyClick(&made.view, Qt::Key_W);
  const double begin = made.view.axis().view().begin;
  QTest::mousePress(&made.view, Qt::LeftButton, {}, QPoint(450, 200));
  QTest::mouseMove(&made.view, QPoint(420, 200));
  QTest::mouseMove(&made.view, QPoint(380, 200));
  QTest::mouseRelease(&made.view, Qt::LeftButton, {}, QPoint(380, 200));
  CHECK(made.view.axis().view().begin > begin);
  CHECK(made.selection.current().unit == -1);
}

TEST_CASE("the pointer reads out the item under it") {
  Shown made;
  const QSignalSpy hovered(&made.view, &TimelineView::hovered);
  QTest::mouseMove(&made.view, made.middle(7, 30));
  REQUIRE(hovered.count() >= 1);
  CHECK(hovered.last().at(0).toString() == made.model->describe(made.model->lanes()[7].items[30]));
}

TEST_CASE("a block that is selected elsewhere is shown in the timeline") {
  Shown made;
  for (int i = 0; i < 8; ++i) QTest::keyClick(&made.view, Qt::Key_W);
  const auto place = made.model->find(0, 1, 0);
  REQUIRE(place.has_value());
  Selection wanted = made.selection.current();
  wanted.head = 1, wanted.q_block = 0;
  made.selection.select(wanted);
  CHECK(made.view.item_rect(*place).has_value());
}

TEST_CASE("each colouring of a timeline looks different") {
  Shown made;
  QImage before = test::grab(made.view);
  for (const ItemColor color : {ItemColor::kDensity, ItemColor::kDuration, ItemColor::kHead}) {
    made.view.set_color(color);
    CHECK(test::changed_pixels(made.view, before) > 1000);
    if (color == ItemColor::kDensity) test::keep_picture(made.view, "timeline-density");
    before = test::grab(made.view);
  }
}

TEST_CASE("a hundred thousand items are painted within a frame") {
  Shown made(100000, 132, 600);
  made.view.resize(1440, 600);
  test::grab(made.view);
  double begin = 0.0;
  const double ms = test::median_ms(15, [&] {
    begin += 500.0;
    made.view.set_view({begin, made.model->length_ns() - 1e4});
    made.view.repaint();
  });
  CAPTURE(ms);
  CHECK(ms < 3.0 * 16.0);
}

TEST_CASE("a timeline without items says so and takes every key") {
  SelectionModel selection;
  TimelineView view(selection);
  view.set_model(std::make_shared<TimelineModel>(), 0);
  test::show(view, 600, 200);
  test::keep_picture(view, "timeline-empty");
  for (const int key : {Qt::Key_W, Qt::Key_A, Qt::Key_S, Qt::Key_D, Qt::Key_F, Qt::Key_Left,
                        Qt::Key_Right, Qt::Key_Escape}) {
    QTest::keyClick(&view, static_cast<Qt::Key>(key));
  }
  QTest::mouseClick(&view, Qt::LeftButton, {}, QPoint(300, 100));
  CHECK(selection.current().unit == -1);
}

}  // namespace
}  // namespace bsfa::gui
