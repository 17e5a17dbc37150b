// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>

#include <catch2/catch.hpp>

#include "tests/gui_window/programs.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::Bench;
using bsfa::test::HeldPool;
using bsfa::test::RemoteBench;
using Unsaved = Prompts::Unsaved;

/// A window in which thresholds are tried that follow from tiles.
struct SavingBench : Bench {
  QString table = folder / "out/tau.safetensors";
  SavingBench() {
    REQUIRE(QDir().mkpath(folder / "out"));
    bsfa::test::write_sample(folder / "other.h5", 5);
    open(trace);
    window->views().head->heatmap().setFocus();
    try_k(4);
    REQUIRE(becomes([this] { return workspace().settled(); }));
    answers->save = table;
    answers->unsaved_answer = Unsaved::kSave;
  }
  void save() { press(Qt::Key_S, Qt::ControlModifier); }
  bool busy() { return window->saver().busy(); }
  bool is_clean() { return workspace().thresholds().undo_stack().isClean(); }
  void cancel_saving() {
    QTest::mouseClick(&window->saving_strip().cancel_button(), Qt::LeftButton);
  }
  /// Everything that lies where the table goes.
  QStringList written() {
    return QDir(folder / "out").entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden);
  }
};

TEST_CASE("Ctrl+S saves in the background, and says so in the status bar") {
  SavingBench bench;
  HeldPool threads;
  bench.save();
  CHECK(bench.busy());
  CHECK(bench.window->saving_strip().isVisible());
  CHECK(bench.window->saving_strip().text().contains("tau.safetensors"));
  CHECK(bench.written().isEmpty());
  CHECK_FALSE(bench.is_clean());
  // Another one waits for its turn instead of taking this one's place.
  bench.save();
  CHECK(bench.answers->questions.size() == 1);
  threads.release();
  REQUIRE(becomes([&] { return !bench.busy(); }));
  CHECK(bench.written() == QStringList{"tau.safetensors"});
  CHECK(bench.is_clean());
  CHECK_FALSE(bench.window->saving_strip().isVisible());
  CHECK_FALSE(bench.shows_message());
}

TEST_CASE("a save that is cancelled writes nothing, and the thresholds stay unsaved") {
  SavingBench bench;
  HeldPool threads;
  bench.save();
  bench.cancel_saving();
  CHECK_FALSE(bench.busy());
  CHECK_FALSE(bench.window->saving_strip().isVisible());
  threads.release();
  QTest::qWait(50);
  CHECK(bench.written().isEmpty());
  CHECK_FALSE(bench.is_clean());
  CHECK_FALSE(bench.shows_message());
}

TEST_CASE("thresholds that were changed while others are saved stay unsaved") {
  SavingBench bench;
  HeldPool threads;
  bench.save();
  bench.try_k(7);
  threads.release();
  REQUIRE(becomes([&] { return !bench.busy(); }));
  CHECK(bench.written() == QStringList{"tau.safetensors"});
  CHECK_FALSE(bench.is_clean());
}

TEST_CASE("what could not be saved names its file") {
  SavingBench bench;
  bench.answers->save = bench.folder / "nowhere/tau.safetensors";
  bench.save();
  REQUIRE(becomes([&] { return bench.shows_message(); }));
  CHECK(bench.window->message_bar().text().contains("nowhere/tau.safetensors"));
  CHECK_FALSE(bench.is_clean());
}

TEST_CASE("Save of a question waits for the file, and what was asked for follows") {
  SavingBench bench;
  const auto before = bench.workspace().file();
  const bool closes = GENERATE(false, true);
  const bool saves_already = GENERATE(false, true);
  CAPTURE(closes, saves_already);
  HeldPool threads;
  if (saves_already) bench.save();
  closes ? (void)bench.window->close() : bench.window->open(bench.folder / "other.h5");
  CHECK(bench.answers->questions.size() == 2);
  CHECK(bench.window->isVisible());
  CHECK(bench.workspace().file() == before);
  threads.release();
  CHECK(becomes(
      [&] { return closes ? !bench.window->isVisible() : bench.workspace().file() != before; }));
  CHECK(bench.written() == QStringList{"tau.safetensors"});
  CHECK(bench.answers->questions.size() == 2);
}

TEST_CASE("what waits for a save is given up where that is cancelled or fails") {
  SavingBench bench;
  const auto before = bench.workspace().file();
  const bool fails = GENERATE(false, true);
  const bool closes = GENERATE(false, true);
  CAPTURE(fails, closes);
  if (fails) bench.answers->save = bench.folder / "nowhere/tau.safetensors";
  HeldPool threads;
  closes ? (void)bench.window->close() : bench.window->open(bench.folder / "other.h5");
  if (!fails) bench.cancel_saving();
  threads.release();
  CHECK(becomes([&] { return !bench.busy(); }));
  QTest::qWait(50);
  CHECK(bench.window->isVisible());
  CHECK(bench.workspace().file() == before);
  CHECK(bench.workspace().thresholds().edited());
}

TEST_CASE("thresholds that were changed while a closing waits for others are asked about") {
  SavingBench bench;
  HeldPool threads;
  bench.window->close();
  bench.try_k(7);
  bench.answers->unsaved_answer = Unsaved::kCancel;
  threads.release();
  CHECK(becomes([&] { return bench.answers->questions.size() == 3; }));
  QTest::qWait(20);
  CHECK(bench.window->isVisible());
}

TEST_CASE("closing after Discard cancels the save that is under way") {
  SavingBench bench;
  bench.answers->unsaved_answer = Unsaved::kDiscard;
  HeldPool threads;
  bench.save();
  bench.window->close();
  CHECK_FALSE(bench.window->isVisible());
  threads.release();
  QTest::qWait(50);
  CHECK(bench.written().isEmpty());
}

TEST_CASE("closing waits for a save of thresholds that were taken back since") {
  SavingBench bench;
  HeldPool threads;
  bench.save();
  bench.press(Qt::Key_Z, Qt::ControlModifier);
  bench.answers->questions.clear();
  bench.window->close();
  CHECK(bench.window->isVisible());
  threads.release();
  CHECK(becomes([&] { return !bench.window->isVisible(); }));
  CHECK(bench.written() == QStringList{"tau.safetensors"});
  CHECK(bench.answers->questions.isEmpty());
}

TEST_CASE("a window that goes at any moment of a save leaves a whole file or none") {
  gui::test::Folder folder;
  const QString table = folder / "tau.safetensors";
  for (int i = 0; i < 30; ++i) {
    QFile::remove(table);
    {
      SavingBench bench;
      bench.answers->save = table;
      bench.save();
      QTest::qWait(i % 10);
      if (i % 2 == 0) bench.window->close();
      bench.window.reset();
    }
    LoadJob::pool()->waitForDone();
    const QFileInfo file(table);
    CHECK((!file.exists() || file.size() > 500));
    const QStringList left =
        QDir(folder / ".").entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden);
    CHECK((left.isEmpty() || left == QStringList{"tau.safetensors"}));
  }
}

TEST_CASE("a remote trace whose copy came waits for thresholds that are saved first") {
  RemoteBench bench;
  bench.open(bench.trace);
  const auto before = bench.workspace().file();
  bsfa::test::write_sample(bench.place / "far.h5", 5);
  bench.window->open(bench.remote(bench.place / "far.h5"));
  bench.try_k(4);
  bench.answers->unsaved_answer = Unsaved::kSave;
  bench.answers->save = bench.folder / "tau.safetensors";
  const bool cancels = GENERATE(false, true);
  HeldPool threads;
  bench.allow("connect");
  REQUIRE(becomes([&] { return bench.window->saver().busy(); }));
  CHECK(bench.window->opener().busy());
  CHECK(bench.workspace().file() == before);
  if (cancels) bench.window->saver().cancel();
  threads.release();
  REQUIRE(becomes([&] { return !bench.window->opener().busy(); }));
  CHECK((bench.workspace().file() == before) == cancels);
  CHECK(QFile::exists(bench.answers->save) == !cancels);
}

TEST_CASE("a measurement makes its table in the background, and can be cancelled meanwhile") {
  RemoteBench bench;
  bench.allow("go");
  bench.open(bench.trace);
  bench.try_k(4);
  HeldPool threads;
  bench.measure();
  CHECK(bench.window->measurement().running());
  CHECK(bench.window->measuring_strip().text().contains("thresholds"));
  CHECK_FALSE(bench.there("bsfa.started"));
  SECTION("cancelled") {
    QTest::mouseClick(&bench.window->measuring_strip().cancel_button(), Qt::LeftButton);
    CHECK(bench.measurings == QStringList{QString()});
    CHECK_FALSE(bench.window->measurement().running());
    threads.release();
    QTest::qWait(50);
    CHECK_FALSE(bench.there("bsfa.started"));
    CHECK_FALSE(bench.window->measuring_strip().isVisible());
    // And the next one runs.
    bench.measure();
    bench.wait_for_measurements(2);
    CHECK(bench.there("bsfa.started"));
  }
  SECTION("waited for") {
    threads.release();
    bench.wait_for_measurements(1);
    CHECK(bench.there("bsfa.started"));
    CHECK_FALSE(bench.window->measurement().open_trace().isEmpty());
  }
  SECTION("the window goes") {
    bench.window.reset();
    threads.release();
    LoadJob::pool()->waitForDone();
    CHECK_FALSE(bench.there("bsfa.started"));
    // The bench's own folder alone.
    CHECK(bench.temporaries().size() == 1);
  }
}

}  // namespace
}  // namespace bsfa::gui
