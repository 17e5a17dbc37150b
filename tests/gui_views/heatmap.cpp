// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include <catch2/catch.hpp>

#include "gui/views/error_strip.h"
#include "gui/views/head_panel.h"
#include "gui/views/heatmap_view.h"
#include "gui/views/minimap.h"
#include "gui/views/profile_plot.h"
#include "tests/gui_models/support.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

/// A head of 64 by 128 tiles in a heatmap.
struct Shown {
  traces::Sequence sequence = test::sequence_of(test::problem_of(2, 64, 128), 7);
  SelectionModel selection;
  HeatmapView view{selection};

  explicit Shown(int width = 700, int height = 420) {
    auto head = std::make_shared<HeadArrays>(test::head_of(sequence, 1));
    auto field =
        std::make_shared<TileField>(make_field(*head, Field::kTileMax, MaskSource::kKernel));
    view.set_contrast(full_contrast(histogram_of(values_of(*field))));
    view.set_head(head, field);
    test::show(view, width, height);
  }
  QPoint pixel(double column, double row) const {
    return view.viewport().to_pixel(QPointF(column + 0.5, row + 0.5)).toPoint();
  }
  void wheel(const QPoint& at, int notches) {
    QWheelEvent event(at, view.mapToGlobal(at), {}, {0, 120 * notches}, Qt::NoButton, {},
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(&view, &event);
  }
};

TEST_CASE("the wheel zooms a heatmap at the cursor") {
  Shown made;
  const QPoint at = made.pixel(20, 40);
  const QPointF tile = made.view.viewport().to_tile(at);
  made.wheel(at, 3);
  CHECK(made.view.viewport().view().width() < 128.0);
  CHECK(made.view.viewport().to_tile(at).x() == Approx(tile.x()).margin(1e-6));
  CHECK(made.view.viewport().to_tile(at).y() == Approx(tile.y()).margin(1e-6));
  made.wheel(at, -6);
  CHECK(made.view.viewport().is_fitted());
}

TEST_CASE("a drag pans a heatmap and selects nothing") {
  Shown made;
  made.wheel(made.pixel(20, 40), 4);
  const QRectF before = made.view.viewport().view();
  const QPoint from = made.pixel(20, 40);
  QTest::mousePress(&made.view, Qt::LeftButton, {}, from);
  QTest::mouseMove(&made.view, from + QPoint(-30, -20));
  QTest::mouseMove(&made.view, from + QPoint(-60, -30));
  QTest::mouseRelease(&made.view, Qt::LeftButton, {}, from + QPoint(-60, -30));
  CHECK(made.view.viewport().view().left() > before.left());
  CHECK(made.view.viewport().view().top() > before.top());
  CHECK(made.view.viewport().view().width() == Approx(before.width()));
  CHECK(made.selection.current().q_block == -1);
}

TEST_CASE("a double click fits a heatmap") {
  Shown made;
  made.wheel(made.pixel(20, 40), 4);
  QTest::mouseDClick(&made.view, Qt::LeftButton, {}, made.pixel(20, 40));
  CHECK(made.view.viewport().is_fitted());
}

TEST_CASE("Alt with arrows walks the history of views") {
  Shown made;
  made.wheel(made.pixel(20, 40), 4);
  const QRectF near = made.view.viewport().view();
  QTest::keyClick(&made.view, Qt::Key_Left, Qt::AltModifier);
  CHECK(made.view.viewport().is_fitted());
  QTest::keyClick(&made.view, Qt::Key_Right, Qt::AltModifier);
  CHECK(made.view.viewport().view() == near);
}

TEST_CASE("a click selects the tile under it") {
  Shown made;
  QTest::mouseClick(&made.view, Qt::LeftButton, {}, made.pixel(33, 47));
  CHECK(made.selection.current().q_block == 47);
  CHECK(made.selection.current().k_block == 33);
  QTest::mouseClick(&made.view, Qt::LeftButton, {}, QPoint(3, 3));
  CHECK(made.selection.current().k_block == 33);
}

TEST_CASE("arrows move by a tile, with Shift by ten, and stop at the edge") {
  Shown made;
  made.selection.select_tile(10, 20);
  QTest::keyClick(&made.view, Qt::Key_Right);
  QTest::keyClick(&made.view, Qt::Key_Down);
  CHECK(made.selection.current().k_block == 21);
  CHECK(made.selection.current().q_block == 11);
  QTest::keyClick(&made.view, Qt::Key_Up, Qt::ShiftModifier);
  CHECK(made.selection.current().q_block == 1);
  QTest::keyClick(&made.view, Qt::Key_Up, Qt::ShiftModifier);
  CHECK(made.selection.current().q_block == 0);
}

TEST_CASE("arrows bring the selected tile into view") {
  Shown made;
  made.wheel(made.pixel(10, 10), 8);
  made.selection.select_tile(60, 100);
  CHECK(made.view.viewport().view().contains(QRectF(100, 60, 1, 1)));
}

TEST_CASE("the first arrow without a selection starts in the middle of the view") {
  Shown made;
  QTest::keyClick(&made.view, Qt::Key_Right);
  CHECK(made.selection.current().k_block == 64);
  CHECK(made.selection.current().q_block == 32);
}

TEST_CASE("the first arrow where a row is selected stays in that row") {
  Shown made;
  made.selection.select_tile(9, -1);
  QTest::keyClick(&made.view, Qt::Key_Down);
  CHECK(made.selection.current().q_block == 9);
  CHECK(made.selection.current().k_block == 64);
}

TEST_CASE("Space blinks the masks while it is held and only then") {
  Shown made;
  const QImage before = test::grab(made.view);
  QTest::keyPress(&made.view, Qt::Key_Space);
  CHECK(made.view.is_blinking());
  CHECK(test::changed_pixels(made.view, before) > 1000);
  QTest::keyRelease(&made.view, Qt::Key_Space);
  CHECK_FALSE(made.view.is_blinking());
  CHECK(test::changed_pixels(made.view, before) == 0);
}

TEST_CASE("blinking shows one mask and then the other") {
  Shown made;
  auto head = std::make_shared<HeadArrays>(*made.view.head());
  for (std::uint8_t& code : *head->mask_kernel) code = code == 2 ? 1 : code;
  made.view.set_head(head, made.view.field());
  made.view.set_blink(true);
  const QImage reference = test::grab(made.view);
  REQUIRE(QTest::qWaitFor([&] { return test::changed_pixels(made.view, reference) > 1000; }, 5000));
  made.view.clearFocus();
  made.view.set_blink(false);
  CHECK_FALSE(made.view.is_blinking());
}

TEST_CASE("the pointer reads out tile, tokens and value") {
  Shown made;
  const QSignalSpy hovered(&made.view, &HeatmapView::hovered);
  const QSignalSpy hint(&made.view, &HeatmapView::contrast_hint);
  test::hover(made.view, made.pixel(5, 47));
  REQUIRE(hovered.count() >= 1);
  const std::string line = hovered.last().at(0).toString().toStdString();
  CHECK(line.find("Q block 47 (tokens 6016–6143)") != std::string::npos);
  CHECK(line.find("K block 5 (tokens 320–383)") != std::string::npos);
  const float value = made.view.field()->value(47, 5);
  CHECK(line.find(QString::number(static_cast<double>(value), 'g', 4).toStdString()) !=
        std::string::npos);
  CHECK(hint.last().at(0).toFloat() == value);
}

TEST_CASE("every device pixel of a heatmap is what the tiles there give, and none is scaled") {
  Shown made(601, 397);
  const double ratio = made.view.devicePixelRatioF();
  CHECK(ratio == Approx(qEnvironmentVariable("QT_SCALE_FACTOR", "1").toDouble()));
  const TileViewport& viewport = made.view.viewport();
  const QSize pixels = (viewport.area().size() * ratio).toSize();
  const bool is_dark = theme_of(made.view).kind == ThemeKind::kDark;
  const QImage wanted =
      render_heat(*made.view.field(), {viewport.view(), pixels, made.view.contrast()},
                  heat_style(Field::kTileMax, is_dark, ratio));
  const QImage seen = test::grab(made.view);
  const QPoint origin = (viewport.area().topLeft() * ratio).toPoint();
  int checked = 0, different = 0;
  // The frame lies on the edge.
  for (int y = 2; y < pixels.height() - 2; ++y) {
    for (int x = 2; x < pixels.width() - 2; ++x, ++checked)
      different += seen.pixel(origin + QPoint(x, y)) == wanted.pixel(x, y) ? 0 : 1;
  }
  CHECK(checked > static_cast<int>(1e5 * ratio));
  CHECK(different == 0);
}

TEST_CASE("a heatmap shows every isolated tile of a large head at full extent") {
  SelectionModel selection;
  HeatmapView view(selection);
  auto field = std::make_shared<TileField>();
  field->field = Field::kKernelMask;
  field->values_known = field->classes_known = true;
  Plane plane{1024, 2048, std::vector<float>(1024 * 2048, 1.0F),
              std::vector<TileClass>(1024 * 2048, TileClass::kSkipped)};
  for (std::size_t i = 0; i < 200; ++i) {
    const std::size_t at = (i * 5 + 3) * 2048 + (i * 997) % 2048;
    plane.values[at] = 2.0F, plane.classes[at] = TileClass::kKept;
  }
  field->levels.push_back(plane);
  while (field->levels.back().columns > 1) field->levels.push_back(pool(field->levels.back()));
  view.set_head(nullptr, field);
  test::show(view, 700, 420);
  const QImage all = test::grab(view);
  const HeatStyle style = heat_style(Field::kKernelMask, true);
  const QRgb kept = style.colors[kCategoricalContrast.index(2.0F)];
  int found = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    const auto column = static_cast<double>((i * 997) % 2048), row = static_cast<double>(i * 5 + 3);
    const QPoint at =
        (view.viewport().to_pixel(QPointF(column + 0.5, row + 0.5)) * view.devicePixelRatioF())
            .toPoint();
    // A pooled tile may be drawn a pixel beside its middle.
    bool is_seen = false;
    for (int y = at.y() - 2; y <= at.y() + 2; ++y) {
      for (int x = at.x() - 2; x <= at.x() + 2; ++x) {
        is_seen = is_seen || (all.rect().contains(x, y) && all.pixel(x, y) == kept);
      }
    }
    found += is_seen ? 1 : 0;
  }
  CHECK(found == 200);
}

TEST_CASE("a heatmap of 1024 by 2048 tiles is painted within a frame") {
  const traces::Sequence sequence = test::sequence_of(test::problem_of(1, 1024, 2048), 3);
  SelectionModel selection;
  HeatmapView view(selection);
  auto head = std::make_shared<HeadArrays>(test::head_of(sequence, 0));
  auto field = std::make_shared<TileField>(make_field(*head, Field::kTileMax, MaskSource::kKernel));
  view.set_contrast(full_contrast(histogram_of(values_of(*field))));
  view.set_head(head, field);
  test::show(view, 1440, 900);
  double at = 700.0;
  const double ms = test::median_ms(15, [&] {
    // Every frame shows another place.
    at += 3.0;
    view.set_view(QRectF(at, at / 2.0, 900.0, 450.0));
    view.repaint();
  });
  CAPTURE(ms);
  CHECK(ms < 3.0 * 16.0);
}

TEST_CASE("a large head is switched to, and its thresholds dragged, without a wait") {
  const traces::Sequence sequence = test::sequence_of(test::problem_of(2, 1024, 2048), 3);
  SelectionModel selection;
  HeadPanel panel(selection);
  const std::shared_ptr<const HeadArrays> heads[] = {
      std::make_shared<HeadArrays>(test::head_of(sequence, 0)),
      std::make_shared<HeadArrays>(test::head_of(sequence, 1))};
  panel.set_head(heads[0], &sequence, 0);
  test::show(panel, 1440, 900);
  int now = 0;
  const double switch_ms = test::median_ms(5, [&] {
    now = 1 - now;
    panel.set_head(heads[now], &sequence, now);
    panel.repaint();
    panel.heatmap().repaint();
  });
  float tau = 9.0F;
  const double drag_ms = test::median_ms(7, [&] {
    tau += 0.1F;
    panel.set_tau(std::vector<float>(1024, tau));
    panel.heatmap().repaint();
  });
  CAPTURE(switch_ms, drag_ms);
  CHECK(switch_ms < 3.0 * 60.0);
  CHECK(drag_ms < 3.0 * 30.0);
}

TEST_CASE("a panel shows a head with its strip, bars and profiles") {
  Shown made(100, 100);
  HeadPanel panel(made.selection);
  (*made.sequence.error_arithmetic)[64 + 40] = 1.7F;
  (*made.sequence.gating_violations)[64 + 41] = 3;
  panel.set_head(made.view.head(), &made.sequence, 1);
  test::show(panel, 1000, 620);
  made.selection.select_tile(47, 70);
  test::keep_picture(panel, "head");
  for (const Field field : kFields) {
    panel.set_field(field);
    CHECK(panel.tile_field()->field == field);
    test::keep_picture(panel, "head-" + key_of(field).toStdString());
  }
  panel.set_head(nullptr, nullptr, 0);
  CHECK(panel.tile_field() == nullptr);
  test::keep_picture(panel, "head-empty");
}

TEST_CASE("the strip beside a heatmap selects the row that is clicked") {
  Shown made(100, 100);
  HeadPanel panel(made.selection);
  panel.set_head(made.view.head(), &made.sequence, 1);
  test::show(panel, 1000, 620);
  auto* strip = panel.findChild<ErrorStrip*>();
  REQUIRE(strip != nullptr);
  const double y = panel.heatmap().viewport().to_pixel(QPointF(0, 30.5)).y();
  QTest::mouseClick(strip, Qt::LeftButton, {}, QPoint(10, static_cast<int>(y)));
  CHECK(made.selection.current().q_block == 30);
  CHECK(panel.heatmap().mapTo(&panel, QPoint(0, 0)).y() == strip->mapTo(&panel, QPoint(0, 0)).y());
}

TEST_CASE("the minimap moves the view by click, drag and key") {
  Shown made(100, 100);
  HeadPanel panel(made.selection);
  panel.set_head(made.view.head(), &made.sequence, 1);
  test::show(panel, 1000, 620);
  panel.heatmap().set_view(QRectF(0, 0, 20, 10));
  auto* map = panel.findChild<Minimap*>();
  QTest::mouseClick(map, Qt::LeftButton, {}, QPoint(map->width() / 2, map->height() / 2));
  CHECK(panel.heatmap().viewport().view().center().x() == Approx(64.0).margin(1.5));
  CHECK(panel.heatmap().viewport().view().center().y() == Approx(32.0).margin(1.5));
  const double before = panel.heatmap().viewport().view().left();
  QTest::keyClick(map, Qt::Key_Right);
  CHECK(panel.heatmap().viewport().view().left() == Approx(before + 2.0));
}

TEST_CASE("thresholds that are tried change the mask at once and go away with an empty list") {
  Shown made(100, 100);
  HeadPanel panel(made.selection);
  panel.set_head(made.view.head(), &made.sequence, 1);
  test::show(panel, 1000, 620);
  panel.set_tau(std::vector<float>(64, 100.0F));
  CHECK(panel.mask() == MaskSource::kThresholds);
  CHECK(panel.tile_field()->tile_class(60, 2) == TileClass::kSkipped);
  panel.set_tau(std::vector<float>(64, -100.0F));
  CHECK(panel.tile_field()->tile_class(60, 2) == TileClass::kKept);
  panel.set_tau({});
  CHECK(panel.mask() == MaskSource::kKernel);
  made.selection.select_tile(47, 70);
  panel.set_tau({});
  CHECK(panel.row_profile().shown_tau() == std::optional<double>(10.5));
}

TEST_CASE("the threshold of a row is dragged in its profile") {
  Shown made(100, 100);
  HeadPanel panel(made.selection);
  panel.set_head(made.view.head(), &made.sequence, 1);
  test::show(panel, 1000, 620);
  made.selection.select_tile(47, 70);
  const QSignalSpy dragged(&panel, &HeadPanel::tau_dragged),
      let_go(&panel, &HeadPanel::tau_released);
  ProfilePlot& profile = panel.row_profile();
  QTest::keyClick(&profile, Qt::Key_Up);
  REQUIRE(dragged.count() == 1);
  CHECK(dragged.at(0).at(0).toLongLong() == 47);
  CHECK(dragged.at(0).at(1).toDouble() > 10.5);
  CHECK(let_go.count() == 1);
  QTest::keyClick(&profile, Qt::Key_Right);
  CHECK(made.selection.current().k_block == 71);
}

}  // namespace
}  // namespace bsfa::gui
