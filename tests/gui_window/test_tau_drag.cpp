// SPDX-License-Identifier: GPL-3.0-or-later
#include <QWindow>
#include <algorithm>

#include <catch2/catch.hpp>
#include <qcustomplot.h>

#include "gui/views/profile_plot.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::Answers;
using bsfa::test::Bench;

constexpr int kTimes = 50;

/// The pointer over the row profile of a window: events go to the window, which finds whom they are
/// for, as those of a real mouse do.
class Pointer {
 public:
  explicit Pointer(MainWindow& window)
      : window_(window), profile_(window.views().head->row_profile()) {}

  /// On the line of τ, in the middle of the plot.
  QPoint line() const {
    const QCustomPlot& canvas = profile_.canvas();
    REQUIRE(profile_.shown_tau().has_value());
    const double y = canvas.yAxis->coordToPixel(*profile_.shown_tau());
    return {canvas.axisRect()->rect().center().x(), qRound(y)};
  }
  void press(const QPoint& at) {
    REQUIRE(profile_.canvas().axisRect()->rect().contains(at));
    QTest::mousePress(window_.windowHandle(), Qt::LeftButton, {}, in_window(at));
  }
  void move(const QPoint& at) { QTest::mouseMove(window_.windowHandle(), in_window(at)); }
  void release(const QPoint& at) {
    QTest::mouseRelease(window_.windowHandle(), Qt::LeftButton, {}, in_window(at));
  }

 private:
  QPoint in_window(const QPoint& at) const { return profile_.canvas().mapTo(&window_, at); }

  MainWindow& window_;
  ProfilePlot& profile_;
};

/// A window at Q block 9 of a head, with what its thresholds are and do.
struct Drag : Bench {
  Drag() { open(trace + "#L0/H1/Q9/K4"); }
  ThresholdModel& model() { return workspace().thresholds(); }
  float tau() { return model().tau(workspace().head_key())[9]; }
  double density() { return model().effect(workspace().head_key()).density.value(); }
  /// Tiles of the Q block that the mask in view keeps.
  std::int64_t kept() {
    const auto field = window->views().head->tile_field();
    std::int64_t count = 0;
    for (std::int64_t k = 0; k < field->columns(); ++k)
      count += field->tile_class(9, k) == TileClass::kKept ? 1 : 0;
    return count;
  }
};

TEST_CASE("mask and density follow the line of τ that is dragged, as one step of undo") {
  Drag bench;
  Pointer pointer(*bench.window);
  const float tau = bench.tau();
  const double density = bench.density();
  const std::int64_t kept = bench.kept();
  REQUIRE(kept > 3);
  const QPoint start = pointer.line();
  const QSize room = bench.window->views().head->row_profile().canvas().size();
  pointer.press(start);
  CHECK(bench.density() == density);
  double last_density = density;
  QPoint at = start;
  for (int step = 0; step < 6; ++step) {
    at.ry() -= 5;
    pointer.move(at);
    QTest::qWait(10);
    // The first move marks what was measured as out of date, which must not move the plot.
    CHECK(bench.window->views().head->row_profile().canvas().size() == room);
    CHECK(bench.tau() > tau);
    CHECK(bench.density() <= last_density);
    last_density = bench.density();
    CHECK(bench.window->views().head->mask() == MaskSource::kThresholds);
  }
  CHECK(last_density < density);
  CHECK(bench.kept() < kept);
  const auto& values = *bench.workspace().head()->tile_max;
  const auto field = bench.window->views().head->tile_field();
  for (std::int64_t k = 0; k < field->columns(); ++k) {
    const TileClass shown = field->tile_class(9, k);
    if (shown != TileClass::kKept && shown != TileClass::kSkipped) continue;
    const float value = values[bench.workspace().head()->index(9, k)];
    CHECK((value >= bench.tau()) == (shown == TileClass::kKept));
  }
  pointer.release(at);
  CHECK(bench.model().undo_stack().count() == 1);
  bench.press(Qt::Key_Z, Qt::ControlModifier);
  CHECK(bench.model().undo_stack().index() == 0);
  CHECK(bench.tau() == tau);
  CHECK(bench.density() == density);
  CHECK(bench.kept() == kept);
  CHECK(bench.window->views().head->mask() == MaskSource::kKernel);
}

TEST_CASE("two drags of the line of τ are two steps of undo") {
  Drag bench;
  Pointer pointer(*bench.window);
  for (int i = 0; i < 2; ++i) {
    const QPoint at = pointer.line();
    pointer.press(at);
    pointer.move(at - QPoint(0, 8));
    pointer.move(at - QPoint(0, 16));
    pointer.release(at - QPoint(0, 16));
    CHECK(bench.model().undo_stack().count() == i + 1);
  }
}

TEST_CASE("a click on the line of τ selects the tile there and changes no threshold") {
  Drag bench;
  Pointer pointer(*bench.window);
  const float tau = bench.tau();
  const QPoint at = pointer.line();
  pointer.press(at);
  pointer.release(at);
  CHECK(bench.model().undo_stack().count() == 0);
  CHECK_FALSE(bench.model().edited());
  CHECK(bench.tau() == tau);
  CHECK(bench.selection().q_block == 9);
  CHECK(bench.selection().k_block != 4);
}

TEST_CASE("closing the window while the line of τ is dragged never crashes") {
  Bench bench;
  for (int i = 0; i < kTimes; ++i) {
    auto window = std::make_unique<MainWindow>(bench.settings);
    auto answers = std::make_unique<Answers>();
    answers->unsaved_answer = Prompts::Unsaved::kDiscard;
    window->set_prompts(std::move(answers));
    window->show();
    window->open(bench.trace + "#L0/H1/Q9/K4");
    REQUIRE(bsfa::test::becomes(
        [&] { return window->workspace().head() != nullptr && window->workspace().settled(); }));
    Pointer pointer(*window);
    const QPoint at = pointer.line();
    pointer.press(at);
    for (int step = 1; step <= i % 4; ++step) pointer.move(at - QPoint(0, 6 * step));
    if (i % 3 != 0) CHECK(window->close());
    // The button goes up over whatever lies under it then.
    if (i % 2 == 0) window.reset();
    QTest::mouseRelease(bench.window->windowHandle(), Qt::LeftButton, {}, QPoint(5, 5));
    QTest::qWait(1);
  }
}

}  // namespace
}  // namespace bsfa::gui
