// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>

#include <catch2/catch.hpp>

#include "tests/gui_window/window_support.h"

namespace bsfa::test {

Bench::Bench() {
  write_sample(trace);
  window = std::make_unique<gui::MainWindow>(settings);
  window->show();
  window->activateWindow();
  REQUIRE(QTest::qWaitForWindowActive(window.get()));
}

void Bench::trigger(const char* action) {
  QAction* found = window->actions().action(QString::fromLatin1(action));
  REQUIRE(found != nullptr);
  found->trigger();
}

void Bench::open(const QString& text) {
  window->open(text);
  REQUIRE(becomes([this] { return !window->opener().busy() && workspace().settled(); }));
}

void Bench::press(int key, Qt::KeyboardModifiers modifiers) {
  QWidget* focus = QApplication::focusWidget();
  QTest::keyClick(focus == nullptr ? window.get() : focus, static_cast<Qt::Key>(key), modifiers);
}

}  // namespace bsfa::test
