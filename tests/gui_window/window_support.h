// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSemaphore>
#include <QSettings>
#include <utility>

#include "gui/models/load_job.h"
#include "gui/window/main_window.h"
#include "tests/gui_models/support.h"
#include "tests/gui_window/support.h"

namespace bsfa::test {

/// Two layers of three heads, 24 by 48 tiles; head 1 of layer 1 has a violation in Q block 7 and
/// another in Q block 11.
void write_sample(const QString& path, std::uint64_t seed = 1);

/// What a user would answer, and what was asked.
struct Answers : gui::Prompts {
  QString open, save;  ///< empty: Cancel
  Unsaved unsaved_answer = Unsaved::kCancel;
  QStringList questions;
  /// While a question is on the screen.
  std::function<void()> meanwhile;

  QString open_name(QWidget*, const QString& title, const QString&) override;
  QString save_name(QWidget*, const QString& title, const QString&, const QString&) override;
  Unsaved unsaved(QWidget*, const QString& what) override;
};

/// A shown window over settings and traces of its own.
struct Bench {
  gui::test::Folder folder;
  QString trace{folder / "sample.h5"};
  QSettings store{folder / "viewer.ini", QSettings::IniFormat};
  gui::ViewerSettings settings{store};
  std::unique_ptr<gui::MainWindow> window;
  Answers* answers = new Answers;  ///< the window's

  Bench();
  gui::Workspace& workspace() { return window->workspace(); }
  const gui::Selection& selection() { return workspace().selection().current(); }
  void trigger(const char* action);
  /// Opens and waits until nothing is under way.
  void open(const QString& text);
  void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
  /// Tries k tiles in the heads of a scope around the head in view.
  void try_k(double k, gui::ThresholdScope scope = gui::ThresholdScope::kAll);
  bool shows_message() const { return window->message_bar().isVisible(); }
};

/// Keeps every thread that jobs run on busy, so that what is asked for stays under way.
class HeldPool {
 public:
  HeldPool() {
    for (int i = 0; i < count_; ++i) {
      gui::LoadJob::pool()->start([this] { gate_.acquire(); }, 1000);
    }
  }
  HeldPool(const HeldPool&) = delete;
  HeldPool& operator=(const HeldPool&) = delete;
  ~HeldPool() {
    release();
    gui::LoadJob::pool()->waitForDone();
  }
  void release() {
    if (std::exchange(held_, false)) gate_.release(count_);
  }

 private:
  QSemaphore gate_;
  int count_ = gui::LoadJob::pool()->maxThreadCount();
  bool held_ = true;
};

}  // namespace bsfa::test
