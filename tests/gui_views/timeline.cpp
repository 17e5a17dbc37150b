// SPDX-License-Identifier: GPL-3.0-or-later
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>
#include <cmath>

#include <catch2/catch.hpp>

#include "gui/models/color_map.h"
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
  test::hover(made.view, made.middle(7, 30));
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

/// Host ranges around three launches, a copy before them, and eight sampled series.
traces::Profile profile_of_everything() {
  traces::Profile profile = sampled();
  for (int i = 0; i < 6; ++i) {
    traces::SampleSeries series = profile.samples->series[0];
    series.metric = "SM.group.sm__series_" + std::to_string(i) + ".avg.per_cycle_elapsed";
    profile.samples->series.push_back(series);
  }
  const std::string kernel = "void bsfa::cuda::forward<Config<__half, 128> >(bsfa::Parameters)";
  profile.spans = {{traces::SpanKind::kCopy, "Memcpy HtoD", 900, 2900, 0, 16, 1 << 20},
                   {traces::SpanKind::kRange, "recorded launches", 3000, 320000, 0, 77, 0}};
  for (std::uint64_t i = 0; i < 3; ++i) {
    const std::uint64_t start = 5000 + 105000 * i;
    profile.spans.push_back({traces::SpanKind::kRange, "launch " + std::to_string(i), start - 1500,
                             start + 101000, 1, 77, 0});
    profile.spans.push_back({traces::SpanKind::kKernel, kernel, start, start + 100000, 0, 16, 0});
  }
  return profile;
}

struct Everything : Shown {
  Everything() {
    const traces::Profile profile = profile_of_everything();
    model = std::make_shared<TimelineModel>(many_records(6600, 66), &profile);
    view.resize(900, 560);
    view.set_model(model, 4);
    QApplication::processEvents();
  }
  /// The span of a name that starts last.
  std::size_t span(const QString& name) const {
    const auto& spans = model->spans().spans;
    std::size_t found = spans.size();
    for (std::size_t i = 0; i < spans.size(); ++i)
      if (spans[i].name == name) found = i;
    REQUIRE(found < spans.size());
    return found;
  }
};

TEST_CASE("spans of host and device lie above the lanes, nested, and are read out") {
  Everything made;
  CHECK(made.view.axis().view() == AxisView{0.0, made.model->length_ns()});
  const QRectF outer = made.view.span_rect(made.span(QStringLiteral("recorded launches"))).value();
  const QRectF inner = made.view.span_rect(made.span(QStringLiteral("launch 0"))).value();
  CHECK(inner.top() >= outer.bottom());
  CHECK(inner.bottom() < made.view.item_rect({0, 0}).value().top());
  test::keep_picture(made.view, "timeline-spans");
  const QSignalSpy hovered(&made.view, &TimelineView::hovered);
  test::hover(made.view, inner.center().toPoint());
  REQUIRE(hovered.count() >= 1);
  CHECK(hovered.last().at(0).toString().toStdString() == "range launch 0: 103 µs, from -1.50 µs");
}

TEST_CASE("a click on a span selects it and its time") {
  Everything made;
  const std::size_t launch = made.span(QStringLiteral("launch 0"));
  const QPoint at = made.view.span_rect(launch).value().center().toPoint();
  const QImage before = test::grab(made.view);
  QTest::mouseClick(&made.view, Qt::LeftButton, {}, at);
  CHECK(made.view.chosen_span() == static_cast<int>(launch));
  CHECK(made.selection.current().unit == -1);
  const double time = made.view.axis().to_value(at.x() - made.view.item_rect({0, 0})->left());
  CHECK(made.selection.current().time_ns ==
        Approx(time + made.model->lanes()[0].items[0].start_ns).margin(300.0));
  CHECK(test::changed_pixels(made.view, before) > 200);
  QTest::keyClick(&made.view, Qt::Key_Escape);
  CHECK(made.view.chosen_span() == -1);
  CHECK(made.selection.current().time_ns < 0.0);
}

TEST_CASE("Page Down and Page Up walk over spans and bring them into view") {
  Everything made;
  const auto count = static_cast<int>(made.model->spans().spans.size());
  for (int i = 0; i < count + 2; ++i) QTest::keyClick(&made.view, Qt::Key_PageDown);
  CHECK(made.view.chosen_span() == count - 1);
  CHECK(made.view.span_rect(static_cast<std::size_t>(count - 1)).has_value());
  QTest::keyClick(&made.view, Qt::Key_PageUp);
  CHECK(made.view.chosen_span() == count - 2);
}

TEST_CASE("F fits the work items, and once more all that was recorded") {
  Everything made;
  QTest::keyClick(&made.view, Qt::Key_W);
  QTest::keyClick(&made.view, Qt::Key_F);
  CHECK(made.view.axis().view() == AxisView{0.0, made.model->length_ns()});
  QTest::keyClick(&made.view, Qt::Key_F);
  CHECK(made.view.axis().fits());
  CHECK(made.view.axis().view().begin == -4100.0);
  test::keep_picture(made.view, "timeline-all");
}

TEST_CASE("more series than four are chosen in a menu and stay chosen in the next trace") {
  Everything made;
  CHECK(made.view.shown_series().size() == 4);
  QMenu& menu = *made.view.series_button().menu();
  REQUIRE(menu.actions().size() == 8);
  CHECK(menu.actions()[0]->text() == QStringLiteral("tensor pipe, %"));
  CHECK(menu.actions()[2]->text() == QStringLiteral("sm__series_0 avg, per cycle"));
  const QImage before = test::grab(made.view);
  menu.popup(made.view.mapToGlobal(QPoint(20, 20)));
  REQUIRE(QTest::qWaitForWindowExposed(&menu));
  for (qsizetype i = 4; i < 7; ++i) {
    QTest::mouseMove(&menu, menu.actionGeometry(menu.actions()[i]).center());
    QTest::mouseClick(&menu, Qt::LeftButton, {}, menu.actionGeometry(menu.actions()[i]).center());
    // Several are chosen without opening it again.
    CHECK(menu.isVisible());
  }
  QTest::keyClick(&menu, Qt::Key_Escape);
  CHECK(made.view.shown_series().size() == 7);
  CHECK(test::changed_pixels(made.view, before) > 1000);
  test::keep_picture(made.view, "timeline-series");
  made.view.set_model(made.model, 4);
  CHECK(made.view.shown_series().size() == 7);
  made.view.show_series({QStringLiteral("DRAM %"), QStringLiteral("gone")});
  CHECK(made.view.shown_series() == QStringList{QStringLiteral("DRAM %")});
}

TEST_CASE("the colour of items is chosen in a menu") {
  Everything made;
  QMenu& menu = *made.view.color_button().menu();
  menu.actions()[2]->trigger();
  CHECK(made.view.color() == ItemColor::kDuration);
  CHECK(menu.actions()[2]->isChecked());
  CHECK_FALSE(menu.actions()[0]->isChecked());
}

TEST_CASE("the names of spans can be read on their colours in both themes") {
  for (const ThemeKind kind : {ThemeKind::kLight, ThemeKind::kDark}) {
    const Theme& colors = theme(kind);
    for (const auto span : {traces::SpanKind::kRange, traces::SpanKind::kKernel,
                            traces::SpanKind::kCopy, traces::SpanKind::kFill}) {
      CHECK(contrast_ratio(colors.text.rgb(), span_color(colors, span).rgb()) >= 4.5);
    }
  }
}

TEST_CASE("twenty thousand spans are painted within a frame") {
  traces::Profile profile;
  for (std::uint64_t i = 0; i < 30000; ++i)
    profile.spans.push_back({traces::SpanKind::kRange, "r", 4 * i, 4 * i + 3, 0, i % 3, 0});
  Shown made(100, 4, 300);
  const auto model = std::make_shared<TimelineModel>(many_records(100, 4), &profile);
  CHECK(model->spans().left_out == 10000);
  made.view.set_model(model, 4);
  made.view.fit();
  made.view.fit();
  const double ms = test::median_ms(9, [&] { made.view.repaint(); });
  CAPTURE(ms);
  CHECK(ms < 3.0 * 16.0);
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
