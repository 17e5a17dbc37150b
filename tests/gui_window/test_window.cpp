// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QDropEvent>
#include <QLineEdit>
#include <QMenuBar>
#include <QMimeData>
#include <QTableWidget>

#include <catch2/catch.hpp>

#include "gui/views/table_panel.h"
#include "gui/window/help_window.h"
#include "gui/window/shortcut_list.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::Bench;

TEST_CASE("a window without a trace offers files and shows no docks") {
  Bench bench;
  CHECK(bench.window->start_page().isVisible());
  for (const QDockWidget* dock : bench.window->docks().docks()) CHECK_FALSE(dock->isVisible());
}

TEST_CASE("a trace opens at its worst head and the worst block there") {
  Bench bench;
  bench.open(bench.trace);
  CHECK_FALSE(bench.window->start_page().isVisible());
  CHECK(bench.selection().head_key() == HeadKey{{1, 0}, 1});
  CHECK(bench.selection().q_block == 7);
  CHECK(bench.workspace().head() != nullptr);
  CHECK(bench.window->windowTitle().contains("sample.h5"));
  CHECK(bench.settings.recent_files() == QStringList{bench.trace});
  CHECK(bench.window->docks().frame("overview")->state() == StateFrame::State::kReady);
  CHECK(bench.window->docks().frame("timeline")->state() == StateFrame::State::kReady);
}

TEST_CASE("a link opens at its tile, and the selection copies as that link") {
  Bench bench;
  bench.open(bench.trace + "#L0/H2/Q5/K6");
  CHECK(bench.selection().head_key() == HeadKey{{0, 0}, 2});
  CHECK(bench.selection().q_block == 5);
  CHECK(bench.selection().k_block == 6);
  bench.trigger("edit.copy_link");
  CHECK(QApplication::clipboard()->text() == bench.trace + "#L0/H2/Q5/K6");
}

TEST_CASE("what cannot be opened gives one line, and what was open stays") {
  Bench bench;
  bench.open(bench.trace);
  const QString broken = bench.folder / "broken.h5";
  QFile file(broken);
  REQUIRE(file.open(QIODevice::WriteOnly));
  file.write("no HDF5 at all");
  file.close();
  const std::array<QString, 4> names{broken, "/nowhere/t.h5", "ssh://host", bench.trace + "#L1/X2"};
  const QString name = names[GENERATE(range(std::size_t{0}, std::size_t{4}))];
  CAPTURE(name.toStdString());
  bench.window->open(name);
  REQUIRE(becomes([&] { return bench.window->message_bar().isVisible(); }));
  const QString line = bench.window->message_bar().text();
  CHECK(line.contains(name.section('#', 0, 0)));
  CHECK_FALSE(line.contains('\n'));
  REQUIRE(bench.workspace().file() != nullptr);
  CHECK(bench.workspace().file()->path() == bench.trace);
}

TEST_CASE("one selection drives all views") {
  Bench bench;
  bench.open(bench.trace);
  bench.workspace().selection().select_head({{0, 0}, 0});
  CHECK(becomes([&] { return bench.workspace().settled(); }));
  CHECK(bench.workspace().work()->layer == 0);
  const auto place = bench.workspace().work()->timeline.find(0, 2, 9);
  REQUIRE(place);
  TimelineView& timeline = *bench.window->views().timeline;
  timeline.fit();
  const auto box = timeline.item_rect(*place);
  REQUIRE(box);
  QTest::mouseClick(&timeline, Qt::LeftButton, Qt::NoModifier, box->center().toPoint());
  CHECK(bench.selection().head_key() == HeadKey{{0, 0}, 2});
  CHECK(bench.selection().q_block == 9);
  CHECK(becomes([&] { return bench.workspace().settled(); }));
  CHECK(bench.window->views().head->heatmap().head() == bench.workspace().head());
  bench.trigger("trace.back");
  CHECK(bench.selection().head_key() == HeadKey{{0, 0}, 0});
}

TEST_CASE("N and Shift+N step through violations, and not while somebody types") {
  Bench bench;
  bench.open(bench.trace);
  HeatmapView& heatmap = bench.window->views().head->heatmap();
  heatmap.setFocus();
  bench.press(Qt::Key_N);
  CHECK(bench.selection().q_block == 11);
  bench.press(Qt::Key_N);
  CHECK(bench.selection().q_block == 7);
  bench.press(Qt::Key_N, Qt::ShiftModifier);
  CHECK(bench.selection().q_block == 11);
  QLineEdit& filter = bench.window->views().heads->filter_field();
  bench.trigger("edit.filter_heads");
  REQUIRE(filter.hasFocus());
  bench.press(Qt::Key_N);
  CHECK(bench.selection().q_block == 11);
  CHECK(filter.text() == QString("n"));
}

TEST_CASE("arrows move by a tile, brackets by a head, digits choose what is drawn") {
  Bench bench;
  bench.open(bench.trace + "#L0/H0/Q9/K4");
  bench.window->views().head->heatmap().setFocus();
  bench.press(Qt::Key_Right);
  CHECK(bench.selection().k_block == 5);
  bench.press(Qt::Key_Up);
  CHECK(bench.selection().q_block == 8);
  bench.press(Qt::Key_2);
  CHECK(bench.window->views().head->field() == kFields[1]);
  bench.press(Qt::Key_BracketRight);
  CHECK(bench.selection().head == 1);
  bench.press(Qt::Key_BracketLeft);
  bench.press(Qt::Key_BracketLeft);
  CHECK(bench.selection().head_key() == HeadKey{{1, 0}, 2});
}

TEST_CASE("Space blinks the masks while it is held") {
  Bench bench;
  bench.open(bench.trace);
  HeatmapView& heatmap = bench.window->views().head->heatmap();
  heatmap.setFocus();
  QTest::keyPress(&heatmap, Qt::Key_Space);
  CHECK(heatmap.is_blinking());
  QTest::keyRelease(&heatmap, Qt::Key_Space);
  CHECK_FALSE(heatmap.is_blinking());
}

TEST_CASE("thresholds that are tried mark what was measured as stale, and undo takes that back") {
  Bench bench;
  bench.open(bench.trace);
  StateFrame* errors = bench.window->docks().frame("error");
  CHECK(errors->state() == StateFrame::State::kReady);
  ThresholdModel& model = bench.workspace().thresholds();
  model.set_kind(ThresholdScope::kHead, bench.workspace().head_key(), ThresholdChoice::Kind::kTopK,
                 2);
  CHECK(errors->state() == StateFrame::State::kStale);
  CHECK(bench.window->views().head->mask() == MaskSource::kThresholds);
  bench.trigger("edit.undo");
  CHECK(errors->state() == StateFrame::State::kReady);
  CHECK(bench.window->views().head->mask() == MaskSource::kKernel);
  bench.trigger("edit.redo");
  CHECK(errors->state() == StateFrame::State::kStale);
  bench.trigger("thresholds.reset");
  CHECK(errors->state() == StateFrame::State::kReady);
}

TEST_CASE("a trace without work records says which command would fill the timeline") {
  Bench bench;
  auto layer = gui::test::sequence_of(gui::test::problem_of(2, 8, 16), 3);
  gui::test::write_trace(bench.folder / "idle.h5", {layer}, "{}",
                         "bsfa compare --qkv in.safetensors");
  bench.open(bench.folder / "idle.h5");
  StateFrame* frame = bench.window->docks().frame("timeline");
  CHECK(frame->state() == StateFrame::State::kEmpty);
  bool names_command = false;
  for (const QLabel* label : frame->findChildren<QLabel*>()) {
    names_command = names_command || label->text().contains("bsfa ");
  }
  CHECK(names_command);
}

TEST_CASE("F5 reads the trace again and stays at its place") {
  Bench bench;
  bench.open(bench.trace + "#L0/H2/Q5/K6");
  const auto before = bench.workspace().file();
  bsfa::test::write_sample(bench.trace, 77);
  bench.press(Qt::Key_F5);
  CHECK(becomes([&] { return bench.workspace().file() != before && bench.workspace().settled(); }));
  CHECK(bench.selection().head_key() == HeadKey{{0, 0}, 2});
  CHECK(bench.selection().q_block == 5);
  CHECK(bench.selection().k_block == 6);
}

TEST_CASE("a file that is dropped opens") {
  Bench bench;
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(bench.trace)});
  QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(bench.window.get(), &enter);
  CHECK(enter.isAccepted());
  QDropEvent drop(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(bench.window.get(), &drop);
  CHECK(becomes([&] { return bench.workspace().file() != nullptr; }));
}

TEST_CASE("closing a trace brings back the start page, and the next one its docks") {
  Bench bench;
  bench.open(bench.trace);
  bench.trigger("file.close");
  CHECK(bench.window->start_page().isVisible());
  CHECK_FALSE(bench.window->docks().dock("overview")->isVisible());
  bench.open(bench.trace);
  CHECK(bench.window->docks().dock("overview")->isVisible());
}

TEST_CASE("a layout that was changed is there again after the next start") {
  Bench bench;
  bench.open(bench.trace);
  bench.window->docks().dock("contrast")->hide();
  bench.window->close();
  MainWindow next(bench.settings);
  next.show();
  next.open(bench.trace);
  CHECK(becomes([&] { return next.workspace().file() != nullptr; }));
  CHECK_FALSE(next.docks().dock("contrast")->isVisibleTo(&next));
  CHECK(next.docks().dock("heads")->isVisibleTo(&next));
  next.reset_layout();
  CHECK(next.docks().dock("contrast")->isVisibleTo(&next));
}

TEST_CASE("every action is in a menu, and the question mark lists those with keys") {
  Bench bench;
  for (const QAction* action : bench.window->actions().actions()) {
    CAPTURE(action->objectName().toStdString());
    CHECK_FALSE(ActionRegistry::menu_of(*action).isEmpty());
    CHECK_FALSE(action->text().isEmpty());
  }
  bench.open(bench.trace);
  bench.window->views().head->heatmap().setFocus();
  bench.press(Qt::Key_Question, Qt::ShiftModifier);
  const auto* list = bench.window->findChild<ShortcutList*>();
  REQUIRE(list != nullptr);
  CHECK(list->findChild<QTableWidget*>()->rowCount() > 30);
}

TEST_CASE("themes and text sizes apply at once and are remembered") {
  Bench bench;
  bench.open(bench.trace);
  bench.trigger("view.theme.light");
  CHECK(theme_of(*bench.window).kind == ThemeKind::kLight);
  bench.trigger("view.theme.dark");
  QApplication::processEvents();
  CHECK(theme_of(*bench.window).kind == ThemeKind::kDark);
  CHECK(bench.settings.theme() == QString("dark"));
  const double before = QApplication::font().pointSizeF();
  for (int i = 0; i < 10; ++i) bench.trigger("view.font_larger");
  CHECK(QApplication::font().pointSizeF() > 1.9 * before);
  CHECK(bench.settings.font_percent() == 200);
  for (int i = 0; i < 10; ++i) bench.trigger("view.font_smaller");
  CHECK(bench.settings.font_percent() == 100);
}

TEST_CASE("help is built in and names the program's own options") {
  CHECK(help_text().contains("bsfa-viewer --export"));
  CHECK(help_text().contains("Ctrl+Shift+P"));
}

}  // namespace
}  // namespace bsfa::gui
