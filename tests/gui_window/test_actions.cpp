// SPDX-License-Identifier: GPL-3.0-or-later
#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>

#include <catch2/catch.hpp>

#include "gui/window/action_registry.h"
#include "gui/window/command_palette.h"
#include "gui/window/key_guard.h"
#include "gui/window/shortcut_list.h"
#include "tests/gui_window/support.h"

namespace bsfa::gui {
namespace {

/// A shown window with an action on N, one on Ctrl+O, and whatever has the focus.
struct Window {
  QMainWindow window;
  ActionRegistry registry{window};
  KeyGuard guard;
  int single = 0, chord = 0;

  Window() {
    registry.add({"trace.next", "&Trace", "&Next violation", {QKeySequence(Qt::Key_N)}},
                 [this] { ++single; });
    registry.add({"file.open", "&File", "&Open...", {QKeySequence(Qt::CTRL | Qt::Key_O)}},
                 [this] { ++chord; });
    qApp->installEventFilter(&guard);
  }

  void focus(QWidget* widget) {
    window.setCentralWidget(widget);
    window.show();
    window.activateWindow();
    REQUIRE(QTest::qWaitForWindowActive(&window));
    widget->setFocus();
    REQUIRE(QApplication::focusWidget() != nullptr);
  }
  void press_both() {
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_N);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_O, Qt::ControlModifier);
  }
};

TEST_CASE("every action is in a menu with its shortcut") {
  Window w;
  REQUIRE(w.window.menuBar()->actions().size() == 2);
  for (const QAction* action : w.registry.actions()) {
    bool in_menu = false;
    for (const QAction* menu : w.window.menuBar()->actions()) {
      in_menu = in_menu || menu->menu()->actions().contains(action);
    }
    CHECK(in_menu);
    CHECK_FALSE(action->shortcuts().isEmpty());
  }
  const QAction* next = w.registry.action("trace.next");
  REQUIRE(next != nullptr);
  CHECK(ActionRegistry::menu_of(*next) == QString("Trace"));
  CHECK(ActionRegistry::plain_text(*next) == QString("Next violation"));
  CHECK(w.registry.action("nothing") == nullptr);
}

TEST_CASE("single keys act where nobody types") {
  Window w;
  w.focus(new QPushButton("button"));
  w.press_both();
  CHECK(w.single == 1);
  CHECK(w.chord == 1);
}

TEST_CASE("single keys never act in text fields") {
  Window w;
  auto* const combo = new QComboBox;
  combo->setEditable(true);
  auto* const read_only = new QLineEdit("text");
  read_only->setReadOnly(true);
  const int which = GENERATE(0, 1, 2, 3, 4, 5);
  CAPTURE(which);
  const std::array<QWidget*, 6> fields{
      new QLineEdit, new QPlainTextEdit, new QSpinBox, new QDoubleSpinBox, combo, read_only};
  for (int i = 0; i < 6; ++i) {
    if (i != which) delete fields[static_cast<std::size_t>(i)];
  }
  w.focus(fields[static_cast<std::size_t>(which)]);
  w.press_both();
  CHECK(w.single == 0);
  CHECK(w.chord == 1);
}

TEST_CASE("without the guard a read-only field would let single keys act") {
  Window w;
  qApp->removeEventFilter(&w.guard);
  auto* field = new QLineEdit("text");
  field->setReadOnly(true);
  w.focus(field);
  w.press_both();
  CHECK(w.single == 1);
}

TEST_CASE("toggles tell their state") {
  Window w;
  bool last = true;
  QAction* action =
      w.registry.add_toggle({"view.log", "&View", "&Log", {}}, true, [&](bool on) { last = on; });
  action->trigger();
  CHECK_FALSE(last);
  CHECK_FALSE(action->isChecked());
}

TEST_CASE("words are found in any order and case") {
  CHECK(matches_words("Trace: Next violation", "viol next"));
  CHECK(matches_words("Trace: Next violation", "TRACE"));
  CHECK(matches_words("anything", "  "));
  CHECK_FALSE(matches_words("Trace: Next violation", "next head"));
}

TEST_CASE("the palette finds an action by typing and runs it on Enter") {
  Window w;
  w.focus(new QPushButton("button"));
  auto* palette = new CommandPalette(w.registry, &w.window);
  palette->show();
  REQUIRE(QTest::qWaitForWindowActive(palette));
  auto* input = palette->findChild<QLineEdit*>();
  auto* list = palette->findChild<QListWidget*>();
  CHECK(list->count() == 2);
  QTest::keyClicks(input, "next viol");
  CHECK(list->count() == 1);
  QTest::keyClick(input, Qt::Key_Return);
  CHECK(test::becomes([&] { return w.single == 1; }));
  CHECK(w.chord == 0);
}

TEST_CASE("the palette moves its list by the arrows and leaves out what is disabled") {
  Window w;
  w.registry.add({"file.quit", "&File", "&Quit", {}}, [] {})->setEnabled(false);
  w.focus(new QPushButton("button"));
  auto* palette = new CommandPalette(w.registry, &w.window);
  palette->show();
  REQUIRE(QTest::qWaitForWindowActive(palette));
  CHECK(palette->findChild<QListWidget*>()->count() == 2);
  auto* input = palette->findChild<QLineEdit*>();
  QTest::keyClick(input, Qt::Key_Down);
  QTest::keyClick(input, Qt::Key_Return);
  CHECK(test::becomes([&] { return w.chord == 1; }));
}

TEST_CASE("the list of shortcuts has every action with a key, and the gestures of the views") {
  Window w;
  w.registry.add({"file.quit", "&File", "&Quit", {}}, [] {});
  auto* list = new ShortcutList(w.registry, &w.window);
  auto* table = list->findChild<QTableWidget*>();
  CHECK(table->rowCount() == 2 + view_gestures().size());
  QTest::keyClicks(list->findChild<QLineEdit*>(), "violation");
  int shown = 0;
  for (int row = 0; row < table->rowCount(); ++row) shown += table->isRowHidden(row) ? 0 : 1;
  CHECK(shown == 1);
  delete list;
}

}  // namespace
}  // namespace bsfa::gui
