// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <cmath>

#include <catch2/catch.hpp>
#include <qcustomplot.h>

#include "gui/views/curve_plot.h"
#include "gui/views/number_box.h"
#include "gui/views/threshold_panel.h"
#include "tests/gui_models/support.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

/// A trace of four heads, head 1 in view and exact.
struct Shown {
  test::Folder folder;
  std::shared_ptr<const TraceFile> file;
  SelectionModel selection;
  ThresholdModel model;
  ThresholdPanel panel{model, selection};
  HeadKey key{{0, 0}, 1};

  Shown() {
    test::write_trace(folder / "t.h5", {test::sequence_of(test::problem_of(4, 32, 64), 9)});
    file = TraceFile::open(folder / "t.h5").file;
    REQUIRE(file != nullptr);
    model.set_file(file);
    selection.select_head(key);
    model.set_head(key, file->read_head(key).arrays);
    REQUIRE(QTest::qWaitFor(
        [&] { return model.effect(key).density && !model.effect(key).approximate; }, 10000));
    panel.set_largest_k(64);
    test::show(panel, 340, 460);
  }
  void choose(ThresholdChoice::Kind kind) {
    auto* kinds = panel.findChild<QComboBox*>();
    kinds->setFocus();
    const int index = kinds->findData(static_cast<int>(kind));
    while (kinds->currentIndex() < index) QTest::keyClick(kinds, Qt::Key_Down);
  }
  QSlider& slider(int index) { return *panel.findChildren<QSlider*>()[index]; }
  QPushButton& button(const QString& text) {
    for (QPushButton* one : panel.findChildren<QPushButton*>()) {
      if (one->text().remove(QLatin1Char('&')) == text) return *one;
    }
    FAIL("there is no button " << text.toStdString());
    throw 0;
  }
};

TEST_CASE("thresholds are chosen by k, and density and mass follow") {
  Shown made;
  const double before = made.model.effect(made.key).density.value();
  made.choose(ThresholdChoice::Kind::kTopK);
  CHECK(made.model.choice(made.key).kind == ThresholdChoice::Kind::kTopK);
  CHECK(made.model.choice(made.key).value == 16.0);
  CHECK(made.model.effect(made.key).density.value() != before);
  test::keep_picture(made.panel, "thresholds");
}

TEST_CASE("a slider's drag is one step of undo") {
  Shown made;
  made.choose(ThresholdChoice::Kind::kDensity);
  const int steps = made.model.undo_stack().count();
  QSlider& slider = made.slider(0);
  const double before = made.model.choice(made.key).value;
  slider.setSliderDown(true);
  for (const int position : {300, 400, 500, 620}) slider.setValue(position);
  slider.setSliderDown(false);
  CHECK(made.model.choice(made.key).value == Approx(0.62));
  CHECK(made.model.undo_stack().count() == steps + 1);
  QTest::mouseClick(&made.button(QStringLiteral("Undo")), Qt::LeftButton);
  CHECK(made.model.choice(made.key).value == Approx(before));
  QTest::mouseClick(&made.button(QStringLiteral("Redo")), Qt::LeftButton);
  CHECK(made.model.choice(made.key).value == Approx(0.62));
}

TEST_CASE("arrow keys on the offset move every threshold of the head") {
  Shown made;
  const float before = made.model.tau(made.key)[5];
  QSlider& offset = made.slider(1);
  offset.setFocus();
  QTest::keyClick(&offset, Qt::Key_Right);
  CHECK(made.model.tau(made.key)[5] > before);
  CHECK(made.model.tau({{0, 0}, 2})[5] == Approx(before));
}

TEST_CASE("an edit of the layer reaches its other heads, whose figures are marked") {
  Shown made;
  QTest::mouseClick(made.panel.findChildren<QRadioButton*>()[1], Qt::LeftButton, {}, QPoint(8, 8));
  REQUIRE(made.panel.scope() == ThresholdScope::kLayer);
  NumberBox& offset = *made.panel.findChildren<NumberBox*>()[1];
  offset.setFocus();
  offset.selectAll();
  QTest::keyClicks(&offset, QStringLiteral("1.5"));
  QTest::keyClick(&offset, Qt::Key_Return);
  CHECK(made.model.choice({{0, 0}, 3}).offset == Approx(1.5));
  test::keep_picture(made.panel, "thresholds-layer");
}

TEST_CASE("what was measured is told from what is estimated") {
  Shown made;
  const auto text = [&] {
    QString all;
    for (const QLabel* label : made.panel.findChildren<QLabel*>()) all += label->text() + '\n';
    return all;
  };
  CHECK(text().contains(QStringLiteral("estimated")));
  made.panel.set_measured_error(0.0213);
  CHECK(text().contains(QStringLiteral("0.0213 measured")));
  CHECK_FALSE(text().contains(QStringLiteral("estimated")));
}

TEST_CASE("Measure, Save and Copy ask the window") {
  Shown made;
  const QSignalSpy measure(&made.panel, &ThresholdPanel::measure_asked);
  const QSignalSpy save(&made.panel, &ThresholdPanel::save_asked);
  const QSignalSpy copy(&made.panel, &ThresholdPanel::copy_asked);
  QTest::mouseClick(&made.button(QStringLiteral("Measure")), Qt::LeftButton);
  QTest::mouseClick(&made.button(QStringLiteral("Save…")), Qt::LeftButton);
  QTest::mouseClick(&made.button(QStringLiteral("Copy as command")), Qt::LeftButton);
  CHECK(measure.count() + save.count() + copy.count() == 3);
}

TEST_CASE("the curve of k is drawn and its k can be moved") {
  Shown made;
  CurvePlot plot;
  plot.set_curve(made.model.curve(ThresholdScope::kHead, made.key));
  plot.set_k(16.0);
  plot.set_measured({{16.0, 0.02, 1.2}, {32.0, 0.005, 1.1}});
  test::show(plot, 480, 300);
  CHECK(plot.canvas().graph(0)->dataCount() > 3);
  // What was measured stays measured when the estimate is drawn anew.
  plot.set_curve(made.model.curve(ThresholdScope::kLayer, made.key));
  CHECK(plot.canvas().graph(3)->dataCount() == 2);
  CHECK(plot.canvas().graph(4)->dataCount() == 2);
  auto timed = made.model.curve(ThresholdScope::kLayer, made.key);
  timed.measured = ThresholdModel::Curve::Measured{20.0, 1.3};
  plot.set_curve(timed);
  CHECK(plot.canvas().graph(3)->dataCount() == 3);
  CHECK(plot.canvas().yAxis2->range().upper > 1.3);
  const QSignalSpy moved(&plot, &CurvePlot::k_dragged);
  QTest::keyClick(&plot, Qt::Key_Right);
  REQUIRE(moved.count() == 1);
  CHECK(moved.at(0).at(0).toDouble() == Approx(17.0));
  test::keep_picture(plot, "curve");
}

}  // namespace
}  // namespace bsfa::gui
