// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>
#include <cmath>

#include <catch2/catch.hpp>
#include <qcustomplot.h>

#include "gui/views/histogram_plot.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

QPoint at(const Plot& plot, double x, double y) {
  return {static_cast<int>(std::lround(plot.canvas().xAxis->coordToPixel(x))),
          static_cast<int>(std::lround(plot.canvas().yAxis->coordToPixel(y)))};
}

void show_extent(Plot& plot) {
  plot.set_extent(0.0, 10.0, 0.0, 100.0);
  test::show(plot, 420, 260);
  plot.canvas().replot();
}

TEST_CASE("a line is dragged with the mouse and says where it goes") {
  Plot plot(QStringLiteral("Profile"), {});
  const int line = plot.add_line(Qt::Horizontal, &Theme::threshold, true);
  show_extent(plot);
  plot.set_line(line, 40.0, QStringLiteral("τ"));
  const QSignalSpy moved(&plot, &Plot::line_moved), released(&plot, &Plot::line_released);
  QTest::mousePress(&plot.canvas(), Qt::LeftButton, {}, at(plot, 5.0, 40.0));
  CHECK(plot.is_dragging());
  QTest::mouseMove(&plot.canvas(), at(plot, 5.0, 60.0));
  QTest::mouseMove(&plot.canvas(), at(plot, 5.0, 75.0));
  QTest::mouseRelease(&plot.canvas(), Qt::LeftButton, {}, at(plot, 5.0, 75.0));
  CHECK(moved.count() == 2);
  REQUIRE(released.count() == 1);
  CHECK(released.at(0).at(1).toDouble() == Approx(75.0).margin(1.0));
  CHECK(plot.canvas().xAxis->range().lower == 0.0);
}

TEST_CASE("a click on a line moves nothing and selects what is there") {
  Plot plot(QStringLiteral("Profile"), {});
  const int line = plot.add_line(Qt::Horizontal, &Theme::threshold, true);
  show_extent(plot);
  plot.set_line(line, 40.0, QStringLiteral("τ"));
  const QSignalSpy moved(&plot, &Plot::line_moved), released(&plot, &Plot::line_released);
  const QSignalSpy clicked(&plot, &Plot::clicked);
  const QPoint place = at(plot, 5.0, 40.0);
  QTest::mousePress(&plot.canvas(), Qt::LeftButton, {}, place);
  // A hand is never quite still.
  QTest::mouseMove(&plot.canvas(), place + QPoint(0, 1));
  QTest::mouseRelease(&plot.canvas(), Qt::LeftButton, {}, place + QPoint(0, 1));
  CHECK(moved.count() == 0);
  CHECK(released.count() == 0);
  CHECK(plot.line(line).value() == 40.0);
  REQUIRE(clicked.count() == 1);
  CHECK(clicked.at(0).at(0).toDouble() == Approx(5.0).margin(0.1));
  CHECK_FALSE(plot.is_dragging());
}

TEST_CASE("Escape puts a dragged line back") {
  Plot plot(QStringLiteral("Profile"), {});
  const int line = plot.add_line(Qt::Vertical, &Theme::threshold, true);
  show_extent(plot);
  plot.set_line(line, 4.0);
  QTest::mousePress(&plot.canvas(), Qt::LeftButton, {}, at(plot, 4.0, 50.0));
  QTest::mouseMove(&plot.canvas(), at(plot, 8.0, 50.0));
  CHECK(plot.line(line).value() == Approx(8.0).margin(0.1));
  const QSignalSpy released(&plot, &Plot::line_released), given_up(&plot, &Plot::line_given_up);
  QTest::keyClick(&plot, Qt::Key_Escape);
  CHECK(given_up.count() == 1);
  CHECK(released.count() == 0);
  CHECK(plot.line(line).value() == 4.0);
  CHECK_FALSE(plot.is_dragging());
  QTest::mouseRelease(&plot.canvas(), Qt::LeftButton, {}, at(plot, 8.0, 50.0));
  CHECK(plot.line(line).value() == 4.0);
}

TEST_CASE("arrow keys move a line by its step and ten steps with Shift") {
  Plot plot(QStringLiteral("Profile"), {});
  const int line = plot.add_line(Qt::Horizontal, &Theme::threshold, true);
  show_extent(plot);
  plot.set_line(line, 40.0);
  plot.set_line_step(0.5);
  QTest::keyClick(&plot, Qt::Key_Up);
  CHECK(plot.line(line).value() == Approx(40.5));
  QTest::keyClick(&plot, Qt::Key_Down, Qt::ShiftModifier);
  CHECK(plot.line(line).value() == Approx(35.5));
}

TEST_CASE("the wheel zooms, a drag pans and a double click fits") {
  Plot plot(QStringLiteral("Profile"), {});
  show_extent(plot);
  const QPoint middle = at(plot, 5.0, 50.0);
  QWheelEvent wheel(middle, plot.canvas().mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, {},
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(&plot.canvas(), &wheel);
  const QCPRange zoomed = plot.canvas().xAxis->range();
  CHECK(zoomed.size() < 10.0);
  CHECK(zoomed.contains(5.0));
  QTest::mousePress(&plot.canvas(), Qt::LeftButton, {}, middle);
  QTest::mouseMove(&plot.canvas(), middle + QPoint(30, 0));
  QTest::mouseRelease(&plot.canvas(), Qt::LeftButton, {}, middle + QPoint(30, 0));
  CHECK(plot.canvas().xAxis->range().lower < zoomed.lower);
  QTest::mouseDClick(&plot.canvas(), Qt::LeftButton, {}, middle);
  CHECK(plot.canvas().xAxis->range().lower == Approx(0.0));
  CHECK(plot.canvas().xAxis->range().upper == Approx(10.0));
}

TEST_CASE("keys zoom, pan and fit a plot without lines") {
  Plot plot(QStringLiteral("Profile"), {});
  show_extent(plot);
  QTest::keyClick(&plot, Qt::Key_Plus);
  CHECK(plot.canvas().xAxis->range().size() == Approx(8.0));
  QTest::keyClick(&plot, Qt::Key_Right);
  CHECK(plot.canvas().xAxis->range().lower == Approx(1.8));
  QTest::keyClick(&plot, Qt::Key_0);
  CHECK(plot.canvas().xAxis->range().lower == Approx(0.0));
}

TEST_CASE("new data do not move a plot that was zoomed") {
  Plot plot(QStringLiteral("Profile"), {});
  show_extent(plot);
  QTest::keyClick(&plot, Qt::Key_Plus);
  plot.set_extent(0.0, 50.0, 0.0, 1.0);
  CHECK(plot.canvas().xAxis->range().upper == Approx(9.0));
  plot.fit();
  CHECK(plot.canvas().xAxis->range().upper == Approx(50.0));
}

TEST_CASE("values that are no numbers leave a plot as it is") {
  Plot plot(QStringLiteral("Profile"), {});
  show_extent(plot);
  plot.set_extent(0.0, std::nan(""), 0.0, 1.0);
  CHECK(plot.canvas().xAxis->range().upper == Approx(10.0));
  const int line = plot.add_line(Qt::Vertical, &Theme::threshold, true);
  plot.set_line(line, -INFINITY);
  CHECK_FALSE(plot.line(line).has_value());
  plot.set_extent(3.0, 3.0, 0.0, 0.0);
  CHECK(plot.canvas().xAxis->range().size() == Approx(1.0));
}

TEST_CASE("histograms lie over each other on one range with a legend") {
  HistogramPlot plot(QStringLiteral("Work items"), QStringLiteral("µs"));
  HistogramSeries one{QStringLiteral("time per CTA"), 30.0, 60.0, std::vector<double>(60)};
  HistogramSeries other{QStringLiteral("time per warp"), 25.0, 55.0, std::vector<double>(60)};
  for (std::size_t i = 0; i < 60; ++i) {
    const double x = static_cast<double>(i);
    one.counts[i] = std::round(900.0 * std::exp(-(x - 20.0) * (x - 20.0) / 60.0));
    other.counts[i] = std::round(400.0 * std::exp(-(x - 33.0) * (x - 33.0) / 160.0));
  }
  plot.set_series({one, other});
  test::show(plot, 420, 260);
  CHECK(plot.canvas().xAxis->range().lower == Approx(25.0));
  CHECK(plot.canvas().xAxis->range().upper == Approx(60.0));
  CHECK(plot.canvas().legend->visible());
  test::keep_picture(plot, "histogram");
  plot.set_log_counts(true);
  CHECK(plot.canvas().yAxis->range().lower > 0.0);
  plot.set_series({});
  CHECK(plot.canvas().graphCount() == 0);
}

}  // namespace
}  // namespace bsfa::gui
