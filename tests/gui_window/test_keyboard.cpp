// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QFile>
#include <QMenuBar>
#include <QSet>
#include <QShortcut>
#include <QStatusBar>
#include <map>

#include <catch2/catch.hpp>

#include "gui/window/command_palette.h"
#include "gui/window/shortcut_list.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::Bench;

/// A window without a mouse over a trace that fills every dock.
struct Keys : Bench {
  Keys() {
    QFile::remove(trace);
    REQUIRE(QFile::copy(
        QStringLiteral(BSFA_SOURCE_DIR) + QStringLiteral("/traces/recorded/h200-sample.h5"),
        trace));
    open(trace);
  }
  /// The dock with the focus, "head" for the centre; empty: none.
  QString place() const {
    const QWidget* focus = QApplication::focusWidget();
    if (focus == nullptr) return {};
    if (window->docks().head_frame()->isAncestorOf(focus)) return QStringLiteral("head");
    for (const QDockWidget* dock : window->docks().docks()) {
      if (dock->isAncestorOf(focus)) return dock->objectName();
    }
    return {};
  }
  QSet<QString> all_places() const {
    QSet<QString> names = {QStringLiteral("head")};
    for (const QDockWidget* dock : window->docks().docks()) names << dock->objectName();
    return names;
  }
  /// Presses a sequence of one key where the focus is.
  void press_sequence(const QKeySequence& keys) {
    const QKeyCombination key = keys[0];
    press(key.key(), key.keyboardModifiers());
  }
};

std::string text_of(const QSet<QString>& names) {
  QStringList sorted(names.begin(), names.end());
  sorted.sort();
  return sorted.join(QLatin1Char(' ')).toStdString();
}

TEST_CASE("F6 reaches every panel, also behind tabs, and Shift+F6 goes back the same way") {
  Keys bench;
  bench.window->views().head->heatmap().setFocus();
  QStringList way = {bench.place()};
  for (qsizetype i = 1; i < bench.all_places().size(); ++i) {
    bench.press(Qt::Key_F6);
    way << bench.place();
    if (QDockWidget* dock = bench.window->docks().dock(way.last()))
      CHECK_FALSE(dock->visibleRegion().isEmpty());
  }
  CHECK(text_of({way.begin(), way.end()}) == text_of(bench.all_places()));
  bench.press(Qt::Key_F6);
  CHECK(bench.place() == "head");
  for (qsizetype i = way.size() - 1; i >= 0; --i) {
    bench.press(Qt::Key_F6, Qt::ShiftModifier);
    CHECK(bench.place() == way[i]);
  }
  bench.window->docks().dock("overview")->hide();
  for (qsizetype i = 0; i < way.size(); ++i) {
    bench.press(Qt::Key_F6);
    CHECK(bench.place() != "overview");
  }
}

TEST_CASE("Tab goes through every panel that is in sight and comes back") {
  Keys bench;
  QSet<QString> in_sight = {QStringLiteral("head")};
  for (const QDockWidget* dock : bench.window->docks().docks()) {
    if (!dock->visibleRegion().isEmpty()) in_sight << dock->objectName();
  }
  REQUIRE(in_sight.size() > 6);
  QWidget* first = &bench.window->views().head->heatmap();
  first->setFocus();
  QSet<QString> visited;
  int steps = 0;
  do {
    bench.press(Qt::Key_Tab);
    visited << bench.place();
  } while (QApplication::focusWidget() != first && ++steps < 300);
  CHECK(steps < 300);
  for (const QString& place : in_sight) {
    CAPTURE(place.toStdString());
    CHECK(visited.contains(place));
  }
  bench.press(Qt::Key_Backtab, Qt::ShiftModifier);
  CHECK(QApplication::focusWidget() != first);
}

TEST_CASE("every shortcut does its action where a view has the focus") {
  Keys bench;
  // Two steps and one back: both undo and redo have something to do.
  bench.try_k(4);
  bench.try_k(6);
  bench.workspace().thresholds().undo_stack().undo();
  int tried = 0;
  QString last;
  for (QAction* action : bench.window->actions().actions()) {
    // What they do may be a dialog that waits for an answer.
    QObject::disconnect(action, &QAction::triggered, nullptr, nullptr);
    QObject::connect(action, &QAction::triggered, [&last, action] { last = action->objectName(); });
  }
  for (QAction* action : bench.window->actions().actions()) {
    for (const QKeySequence& keys : action->shortcuts()) {
      CAPTURE(action->objectName().toStdString(), keys.toString().toStdString());
      CHECK(action->isEnabled());
      bench.window->views().head->heatmap().setFocus();
      last.clear();
      bench.press_sequence(keys);
      CHECK(last == action->objectName());
      ++tried;
    }
  }
  CHECK(tried > 40);
}

TEST_CASE("no two actions share a shortcut, and each has one or stands in a menu") {
  Keys bench;
  std::map<QString, QStringList> owners;
  for (const QAction* action : bench.window->findChildren<QAction*>()) {
    for (const QKeySequence& keys : action->shortcuts())
      owners[keys.toString()] << action->objectName();
  }
  for (const QShortcut* shortcut : bench.window->findChildren<QShortcut*>())
    owners[shortcut->key().toString()] << QStringLiteral("a shortcut");
  CHECK(owners.size() > 40);
  for (const auto& [keys, names] : owners) {
    CAPTURE(keys.toStdString(), names.join(QLatin1Char(' ')).toStdString());
    CHECK(names.size() == 1);
  }
  for (const QAction* action : bench.window->actions().actions()) {
    CAPTURE(action->objectName().toStdString());
    CHECK((!action->shortcuts().isEmpty() || !ActionRegistry::menu_of(*action).isEmpty()));
  }
}

TEST_CASE("every menu opens by its letter, and arrows reach everything in it") {
  Keys bench;
  QSet<QString> letters;
  for (const QAction* title : bench.window->menuBar()->actions()) {
    CAPTURE(title->text().toStdString());
    const QString letter = title->text().section(QLatin1Char('&'), 1, 1).left(1).toUpper();
    REQUIRE_FALSE(letter.isEmpty());
    CHECK_FALSE(letters.contains(letter));
    letters << letter;
    bench.window->views().head->heatmap().setFocus();
    bench.press(letter[0].unicode(), Qt::AltModifier);
    REQUIRE(becomes([&] { return QApplication::activePopupWidget() == title->menu(); }));
    QSet<const QAction*> reached;
    for (qsizetype i = 0; i < 2 * title->menu()->actions().size(); ++i) {
      reached << title->menu()->activeAction();
      QTest::keyClick(title->menu(), Qt::Key_Down);
    }
    for (const QAction* action : title->menu()->actions()) {
      CAPTURE(action->objectName().toStdString());
      if (!action->isSeparator() && action->isEnabled()) CHECK(reached.contains(action));
    }
    QTest::keyClick(title->menu(), Qt::Key_Escape);
    QTest::keyClick(bench.window->menuBar(), Qt::Key_Escape);
    CHECK(QApplication::activePopupWidget() == nullptr);
  }
}

TEST_CASE("a tile is found, looked at and told of without a mouse") {
  Bench bench;
  bench.open(bench.trace);
  bench.press(Qt::Key_2, Qt::ControlModifier);
  HeatmapView& heatmap = bench.window->views().head->heatmap();
  REQUIRE(heatmap.hasFocus());
  CHECK_FALSE(bench.window->docks().dock("inspector")->visibleRegion().isEmpty());
  CHECK(bench.selection().q_block == 7);
  bench.press(Qt::Key_N);
  CHECK(bench.selection().q_block == 11);
  bench.press(Qt::Key_N, Qt::ShiftModifier);
  CHECK(bench.selection().q_block == 7);
  bench.press(Qt::Key_Down);
  CHECK(bench.selection().q_block == 7);
  const std::int64_t k_block = bench.selection().k_block;
  bench.press(Qt::Key_Down);
  bench.press(k_block > 0 ? Qt::Key_Left : Qt::Key_Right);
  CHECK(bench.selection().q_block == 8);
  CHECK(std::abs(bench.selection().k_block - k_block) == 1);
  QTest::keyPress(&heatmap, Qt::Key_Space);
  CHECK(heatmap.is_blinking());
  QTest::keyRelease(&heatmap, Qt::Key_Space);
  CHECK_FALSE(heatmap.is_blinking());
  bench.press(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
  auto* palette = bench.window->findChild<CommandPalette*>();
  REQUIRE(palette != nullptr);
  QTest::keyClick(palette, Qt::Key_Escape);
  CHECK_FALSE(palette->isVisible());
  bench.window->activateWindow();
  heatmap.setFocus();
  bench.press(Qt::Key_Question, Qt::ShiftModifier);
  CHECK(bench.window->findChild<ShortcutList*>() != nullptr);
}

}  // namespace
}  // namespace bsfa::gui
