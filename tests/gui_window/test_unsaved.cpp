// SPDX-License-Identifier: GPL-3.0-or-later
#include <QMimeData>

#include <catch2/catch.hpp>

#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::Bench;
using Unsaved = Prompts::Unsaved;

/// Everything that would lose thresholds that are tried.
const std::array<std::pair<const char*, void (*)(Bench&)>, 5> kLosses{{
    {"open", [](Bench& bench) { bench.window->open(bench.folder / "other.h5"); }},
    {"reload", [](Bench& bench) { bench.press(Qt::Key_F5); }},
    {"close the trace", [](Bench& bench) { bench.press(Qt::Key_W, Qt::ControlModifier); }},
    {"close the window", [](Bench& bench) { bench.window->close(); }},
    {"open another by the dialog",
     [](Bench& bench) {
       bench.answers->open = bench.folder / "other.h5";
       bench.press(Qt::Key_O, Qt::ControlModifier);
       bench.answers->questions.removeFirst();
     }},
}};

struct UnsavedBench : Bench {
  std::shared_ptr<const TraceFile> before;
  UnsavedBench() {
    bsfa::test::write_sample(folder / "other.h5", 5);
    open(trace);
    before = workspace().file();
    window->views().head->heatmap().setFocus();
  }
  bool is_lost() { return workspace().file() != before || !window->isVisible(); }
};

TEST_CASE("thresholds that are tried are not lost unasked") {
  UnsavedBench bench;
  bench.try_k(4);
  const auto& [what, lose] = kLosses[GENERATE(range(std::size_t{0}, kLosses.size()))];
  CAPTURE(what);
  lose(bench);
  CHECK(bench.answers->questions.size() == 1);
  QTest::qWait(50);
  CHECK_FALSE(bench.is_lost());
  CHECK(bench.workspace().thresholds().edited());

  bench.answers->unsaved_answer = Unsaved::kDiscard;
  lose(bench);
  CHECK(bench.answers->questions.size() == 2);
  CHECK(becomes([&] { return bench.is_lost(); }));
}

TEST_CASE("nothing is asked where no thresholds are tried, or none that are not saved") {
  UnsavedBench bench;
  const auto& [what, lose] = kLosses[GENERATE(range(std::size_t{0}, kLosses.size()))];
  CAPTURE(what);
  SECTION("none were tried") {}
  SECTION("they were taken back") {
    bench.try_k(4);
    bench.press(Qt::Key_Z, Qt::ControlModifier);
  }
  SECTION("they were reset") {
    bench.try_k(4);
    bench.trigger("thresholds.reset");
  }
  SECTION("they are saved") {
    bench.try_k(4);
    bench.answers->save = bench.folder / "tau.safetensors";
    bench.press(Qt::Key_S, Qt::ControlModifier);
    CHECK(becomes([&] { return !bench.window->saver().busy(); }));
    CHECK(QFile::exists(bench.answers->save));
    bench.answers->questions.clear();
  }
  lose(bench);
  CHECK(bench.answers->questions.isEmpty());
  CHECK(becomes([&] { return bench.is_lost(); }));
}

TEST_CASE("Save writes the thresholds first, and Cancel of its dialog cancels the rest") {
  UnsavedBench bench;
  bench.try_k(4);
  bench.answers->unsaved_answer = Unsaved::kSave;
  bench.window->open(bench.folder / "other.h5");
  CHECK(bench.answers->questions.size() == 2);
  QTest::qWait(50);
  CHECK_FALSE(bench.is_lost());
  bench.answers->save = bench.folder / "tau.safetensors";
  bench.window->open(bench.folder / "other.h5");
  CHECK(becomes([&] { return bench.is_lost(); }));
  CHECK(QFile::exists(bench.answers->save));
}

TEST_CASE("thresholds that could not be saved are not lost") {
  UnsavedBench bench;
  bench.try_k(4);
  bench.answers->unsaved_answer = Unsaved::kSave;
  bench.answers->save = bench.folder / "no folder/tau.safetensors";
  bench.window->close();
  CHECK(becomes([&] { return bench.shows_message(); }));
  CHECK_FALSE(bench.is_lost());
  CHECK(bench.window->message_bar().text().contains("no folder/tau.safetensors"));
}

TEST_CASE("thresholds that were changed after saving are asked about again") {
  UnsavedBench bench;
  bench.try_k(4);
  bench.answers->save = bench.folder / "tau.safetensors";
  bench.trigger("thresholds.save");
  REQUIRE(becomes([&] { return !bench.window->saver().busy(); }));
  bench.try_k(5);
  bench.answers->questions.clear();
  bench.window->close();
  CHECK(bench.answers->questions.size() == 1);
  CHECK(bench.window->isVisible());
}

TEST_CASE("Discard counts for the opening that was asked for, and not for a later one") {
  UnsavedBench bench;
  bench.try_k(4);
  bench.answers->unsaved_answer = Unsaved::kDiscard;
  bench.window->open("/nowhere/t.h5");
  REQUIRE(becomes([&] { return bench.shows_message(); }));
  CHECK(bench.workspace().thresholds().edited());
  bench.answers->unsaved_answer = Unsaved::kCancel;
  bench.window->open(bench.folder / "other.h5");
  CHECK(bench.answers->questions.size() == 2);
  QTest::qWait(50);
  CHECK_FALSE(bench.is_lost());
}

}  // namespace
}  // namespace bsfa::gui
