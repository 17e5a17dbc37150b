// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>

#include <catch2/catch.hpp>

#include "tests/gui_window/window_support.h"

namespace bsfa::test {

QString Answers::open_name(QWidget*, const QString& title, const QString&) {
  questions << title;
  return open;
}

QString Answers::save_name(QWidget*, const QString& title, const QString&, const QString&) {
  questions << title;
  return save;
}

gui::Prompts::Unsaved Answers::unsaved(QWidget*, const QString& what) {
  questions << what;
  if (meanwhile) meanwhile();
  return unsaved_answer;
}

Bench::Bench() {
  write_sample(trace);
  window = std::make_unique<gui::MainWindow>(settings);
  window->set_prompts(std::unique_ptr<gui::Prompts>(answers));
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

void Bench::try_k(double k, gui::ThresholdScope scope) {
  workspace().thresholds().set_kind(scope, workspace().head_key(),
                                    gui::ThresholdChoice::Kind::kTopK, k);
}

void Bench::press(int key, Qt::KeyboardModifiers modifiers) {
  QWidget* focus = QApplication::focusWidget();
  QTest::keyClick(focus == nullptr ? window.get() : focus, static_cast<Qt::Key>(key), modifiers);
}

}  // namespace bsfa::test
