// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractSpinBox>
#include <QLineEdit>
#include <QMenu>

#include <catch2/catch.hpp>

#include "gui/window/command_palette.h"
#include "gui/window/window_commands.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::Bench;

TEST_CASE("Ctrl+O opens what the dialog names, and nothing where it is cancelled") {
  Bench bench;
  bench.press(Qt::Key_O, Qt::ControlModifier);
  CHECK(bench.answers->questions.size() == 1);
  CHECK_FALSE(bench.window->opener().busy());
  bench.answers->open = bench.trace;
  bench.press(Qt::Key_O, Qt::ControlModifier);
  CHECK(becomes([&] { return bench.workspace().file() != nullptr; }));
}

TEST_CASE("recent files are in their menu, newest first, and open from there") {
  Bench bench;
  const QString other = bench.folder / "other.h5";
  bsfa::test::write_sample(other, 5);
  bench.open(bench.trace);
  bench.open(other);
  QMenu* recent = nullptr;
  for (QMenu* menu : bench.window->findChildren<QMenu*>()) {
    if (menu->title() == "Open &recent") recent = menu;
  }
  REQUIRE(recent != nullptr);
  emit recent->aboutToShow();
  REQUIRE(recent->actions().size() == 4);
  CHECK(recent->actions()[0]->text() == other);
  CHECK(recent->actions()[1]->text() == bench.trace);
  recent->actions()[1]->trigger();
  CHECK(becomes([&] { return bench.workspace().file()->path() == bench.trace; }));
}

TEST_CASE("Ctrl+Shift+P finds an action of the window and runs it") {
  Bench bench;
  bench.open(bench.trace + "#L0/H0");
  bench.window->views().head->heatmap().setFocus();
  bench.press(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
  auto* palette = bench.window->findChild<CommandPalette*>();
  REQUIRE(palette != nullptr);
  auto* input = palette->findChild<QLineEdit*>();
  QTest::keyClicks(input, "next head");
  QTest::keyClick(input, Qt::Key_Return);
  CHECK(becomes([&] { return bench.selection().head == 1; }));
}

TEST_CASE("single keys do nothing but type in every field of the window") {
  Bench bench;
  bench.open(bench.trace + "#L1/H1/Q7/K3");
  const Selection before = bench.selection();
  const Field field = bench.window->views().head->field();
  int fields = 0;
  for (QWidget* widget : bench.window->findChildren<QWidget*>()) {
    const bool types = qobject_cast<QLineEdit*>(widget) != nullptr ||
                       qobject_cast<QAbstractSpinBox*>(widget) != nullptr;
    if (!types) continue;
    ++fields;
    for (const char key : {'n', '[', ']', '2', '?'}) QTest::keyClick(widget, key);
  }
  CHECK(fields > 4);
  CHECK(bench.selection() == before);
  CHECK(bench.window->views().head->field() == field);
}

}  // namespace
}  // namespace bsfa::gui
