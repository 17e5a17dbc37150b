// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <cmath>

#include <catch2/catch.hpp>
#include <qcustomplot.h>

#include "gui/views/axis.h"
#include "gui/views/color_bar.h"
#include "gui/views/contrast_panel.h"
#include "gui/views/histogram_plot.h"
#include "gui/views/legend.h"
#include "gui/views/number_box.h"
#include "tests/gui_models/support.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

struct Shown {
  std::shared_ptr<TileField> field;
  ContrastPanel panel;

  explicit Shown(Field which = Field::kTileMax) {
    const traces::Sequence sequence = test::sequence_of(test::problem_of(1, 48, 96), 5);
    const HeadArrays head = test::head_of(sequence, 0);
    field = std::make_shared<TileField>(make_field(head, which, MaskSource::kKernel));
    panel.set_contrast(full_contrast(histogram_of(values_of(*field))));
    panel.set_field(field);
    test::show(panel, 360, 300);
  }
  HistogramPlot& plot() { return *panel.findChild<HistogramPlot*>(); }
  NumberBox& box(int index) { return *panel.findChildren<NumberBox*>()[index]; }
};

TEST_CASE("contrast is set by dragging a handle on the histogram") {
  Shown made;
  test::keep_picture(made.panel, "contrast");
  QCustomPlot& canvas = made.plot().canvas();
  const double low = made.panel.contrast().low, high = made.panel.contrast().high;
  const double wanted = low + 0.4 * (high - low);
  canvas.replot();
  const auto pixel = [&](double x) {
    return QPoint(static_cast<int>(std::lround(canvas.xAxis->coordToPixel(x))),
                  canvas.axisRect()->center().y());
  };
  const QSignalSpy changed(&made.panel, &ContrastPanel::contrast_changed);
  QTest::mousePress(&canvas, Qt::LeftButton, {}, pixel(low) + QPoint(1, 0));
  QTest::mouseMove(&canvas, pixel(wanted));
  QTest::mouseRelease(&canvas, Qt::LeftButton, {}, pixel(wanted));
  CHECK(changed.count() >= 1);
  CHECK(made.panel.contrast().low == Approx(wanted).margin(0.02 * (high - low)));
  CHECK(made.panel.contrast().high == high);
  CHECK(made.box(0).value() == Approx(made.panel.contrast().low));
}

TEST_CASE("contrast is set by numbers and one end pushes the other") {
  Shown made;
  const double high = made.panel.contrast().high;
  NumberBox& low = made.box(0);
  low.selectAll();
  QTest::keyClicks(&low, QString::number(high + 2.0));
  QTest::keyClick(&low, Qt::Key_Return);
  CHECK(made.panel.contrast().low == Approx(high + 2.0));
  CHECK(made.panel.contrast().high == Approx(high + 2.0));
}

TEST_CASE("all values come back at the press of a button") {
  Shown made;
  const Contrast all = made.panel.contrast();
  made.panel.set_contrast({0.0, 1.0, false});
  for (QPushButton* button : made.panel.findChildren<QPushButton*>()) {
    if (button->text().contains(QStringLiteral("ll values")))
      QTest::mouseClick(button, Qt::LeftButton);
  }
  CHECK(made.panel.contrast().low == Approx(all.low));
  CHECK(made.panel.contrast().high == Approx(all.high));
}

TEST_CASE("a logarithmic scale counts anew and says what it leaves out") {
  Shown made(Field::kLostMass);
  const QSignalSpy changed(&made.panel, &ContrastPanel::contrast_changed);
  QTest::mouseClick(made.panel.findChild<QCheckBox*>(), Qt::LeftButton, {}, QPoint(8, 8));
  REQUIRE(changed.count() == 1);
  CHECK(made.panel.contrast().log);
  CHECK(made.panel.histogram().log);
  CHECK(made.panel.histogram().not_positive > 0);
  test::keep_picture(made.panel, "contrast-log");
}

TEST_CASE("a field without a scale has no contrast to set") {
  Shown made(Field::kKernelMask);
  CHECK_FALSE(made.panel.isEnabled());
}

TEST_CASE("a number box shows digits without zeros and reads them back") {
  NumberBox box(QStringLiteral("number"));
  for (const double value : {0.0000125, 18.035, -3.0, 1e8, 0.0}) {
    box.setValue(value);
    CHECK(box.valueFromText(box.textFromValue(value)) == Approx(value));
  }
  box.setValue(2.5);
  CHECK(box.text() == QStringLiteral("2.5"));
  QString text = QStringLiteral("abc");
  int position = 0;
  CHECK(box.validate(text, position) == QValidator::Invalid);
  text = QStringLiteral("1e-");
  CHECK(box.validate(text, position) == QValidator::Intermediate);
}

TEST_CASE("logarithmic ticks are powers of ten, and even ones where there are too few") {
  const std::vector<Tick> ticks = log_ticks(1e-6, 1.0, 10);
  REQUIRE(ticks.size() == 7);
  CHECK(ticks.front().value == Approx(1e-6));
  CHECK(log_ticks(1e-12, 1.0, 4).size() <= 5);
  CHECK(log_ticks(2.0, 9.0, 5).size() >= 2);
  CHECK(log_ticks(0.0, 1.0, 5).empty());
}

TEST_CASE("numbers read as people write them") {
  CHECK(number_text(std::nan("")) == QStringLiteral("NaN"));
  CHECK(number_text(-INFINITY) == QStringLiteral("−∞"));
  CHECK(number_text(-1.5) == QStringLiteral("−1.5"));
  CHECK(number_text(16.43912, 5) == QStringLiteral("16.439"));
}

TEST_CASE("a colour bar names its scale, marks the value under the pointer and hides for masks") {
  ColorBar bar;
  bar.set_scale(Field::kTileMax, {8.0, 14.0, false});
  test::show(bar, 90, 320);
  CHECK(bar.accessibleDescription() == QStringLiteral("tile_max from 8 to 14"));
  const QImage before = test::grab(bar);
  bar.set_hint(12.0F);
  CHECK(test::changed_pixels(bar, before) > 5);
  test::keep_picture(bar, "color-bar");
  bar.set_hint(std::nanf(""));
  CHECK(test::changed_pixels(bar, before) == 0);
  bar.set_scale(Field::kTileMass, {0.0, 0.25, true});
  test::keep_picture(bar, "color-bar-log");
  bar.set_scale(Field::kMargin, {-5.0, 5.0, false});
  test::keep_picture(bar, "color-bar-margin");
  bar.set_scale(Field::kKernelMask, {});
  CHECK_FALSE(bar.isVisible());
}

TEST_CASE("a legend shows each class as the heatmap draws it and wraps where it is narrow") {
  Legend legend;
  legend.set_field(Field::kTileMax, true);
  test::show(legend, 620, 40);
  for (const char* name : {"kept", "skipped", "diagonal", "outside", "NaN"}) {
    CAPTURE(name);
    CHECK(legend.accessibleDescription().contains(QString::fromUtf8(name)));
  }
  CHECK(legend.heightForWidth(200) > legend.heightForWidth(900));
  test::keep_picture(legend, "legend");
  legend.set_field(Field::kDisagreement, true);
  test::keep_picture(legend, "legend-disagreement");
  legend.set_field(Field::kKernelMask, true);
  test::keep_picture(legend, "legend-mask");
}

}  // namespace
}  // namespace bsfa::gui
