// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "tests/gui_window/programs.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::RemoteBench;

TEST_CASE("a trace on another machine is copied and opened at its link") {
  RemoteBench bench;
  const QStringList before_all = bench.temporaries();
  bench.window->open(bench.remote(bench.trace) + "#L1/H2/Q5/K6");
  REQUIRE(becomes([&] { return bench.there("ssh.started"); }));
  CHECK(bench.window->opening_strip().isVisible());
  CHECK(bench.window->opening_strip().text().contains("sample.h5"));
  bench.allow("connect");
  bench.wait_for_opening();
  CHECK(bench.openings == QStringList{QString()});
  CHECK_FALSE(bench.window->opening_strip().isVisible());
  CHECK(bench.selection().head_key() == HeadKey{{1, 0}, 2});
  CHECK(bench.selection().k_block == 6);
  CHECK(bench.settings.recent_files() == QStringList{bench.remote(bench.trace)});
  CHECK(bench.window->windowTitle().contains("sample.h5"));

  const auto before = bench.workspace().file();
  bsfa::test::write_sample(bench.trace, 77);
  bench.press(Qt::Key_F5);
  REQUIRE(becomes([&] { return bench.workspace().file() != before; }));
  bench.wait_for_opening();
  CHECK(bench.selection().k_block == 6);
  CHECK(bench.temporaries().size() == before_all.size() + 1);  // the copy that is open
  bench.trigger("file.close");
  CHECK(bench.temporaries() == before_all);
}

TEST_CASE("Cancel of a copy leaves what is open, and nothing behind") {
  RemoteBench bench;
  bench.open(bench.trace);
  const QStringList before = bench.temporaries();
  bench.openings.clear();
  bench.window->open(bench.remote(bench.trace));
  REQUIRE(becomes([&] { return bench.there("ssh.started"); }));
  QTest::mouseClick(&bench.window->opening_strip().cancel_button(), Qt::LeftButton);
  CHECK(bench.openings == QStringList{QString()});
  CHECK_FALSE(bench.window->opening_strip().isVisible());
  CHECK_FALSE(bench.window->opener().busy());
  CHECK(bench.workspace().file()->path() == bench.trace);
  CHECK_FALSE(bench.shows_message());
  bench.wait_for_opening();
  CHECK(bench.temporaries() == before);
}

TEST_CASE("a machine that is not there and a place that is none are told in one line") {
  RemoteBench bench;
  bench.open(bench.trace);
  const QString name = GENERATE(as<QString>{}, "ssh://nobody/t.h5", "ssh://me@there/t.h5#L1/X2",
                                "ssh://me@there/nowhere/t.h5");
  CAPTURE(name.toStdString());
  bench.allow("connect");
  bench.window->open(name);
  REQUIRE(becomes([&] { return bench.shows_message(); }));
  CHECK(bench.window->message_bar().text().startsWith(name.section('#', 0, 0)));
  CHECK(bench.workspace().file()->path() == bench.trace);
  CHECK_FALSE(bench.window->opening_strip().isVisible());
}

TEST_CASE("a measurement that ends while a trace is being copied leaves the copy to open") {
  RemoteBench bench;
  bench.allow("go");
  bench.open(bench.trace);
  bench.openings.clear();
  bench.measure();
  bench.window->open(bench.remote(bench.trace) + "#L0/H2");
  REQUIRE(becomes([&] { return bench.measurings.size() == 1; }));
  QTest::qWait(200);
  bench.allow("connect");
  bench.wait_for_opening();
  CHECK(bench.openings == QStringList{QString()});
  CHECK(bench.window->opener().source() == bench.remote(bench.trace));
  CHECK(bench.workspace().head_key() == HeadKey{{0, 0}, 2});
}

TEST_CASE("opening and measuring each have a line and a Cancel of their own") {
  RemoteBench bench;
  bench.open(bench.trace);
  bench.openings.clear();
  bench.measure();
  bench.window->open(bench.remote(bench.trace));
  const ProgressStrip &opening = bench.window->opening_strip(),
                      &measuring = bench.window->measuring_strip();
  REQUIRE(becomes([&] { return bench.there("ssh.started") && bench.there("bsfa.started"); }));
  CHECK(opening.isVisible());
  CHECK(measuring.isVisible());
  CHECK(opening.text() != measuring.text());
  const bool cancels_opening = GENERATE(true, false);
  CAPTURE(cancels_opening);
  QTest::mouseClick(&(cancels_opening ? opening : measuring).cancel_button(), Qt::LeftButton);
  CHECK(becomes([&] {
    return opening.isVisible() != cancels_opening && measuring.isVisible() == cancels_opening;
  }));
  CHECK(bench.window->opener().busy() != cancels_opening);
  CHECK(bench.window->measurement().running() == cancels_opening);
  bench.allow("go");
  bench.allow("connect");
  bench.wait_for_opening();
  CHECK(bench.openings == QStringList{QString()});
  CHECK(becomes([&] { return bench.measurings.size() == 1; }));
}

TEST_CASE("a copy that comes while thresholds are tried asks before it takes their place") {
  RemoteBench bench;
  bench.open(bench.trace);
  bench.window->open(bench.remote(bench.trace) + "#L0/H2");
  REQUIRE(becomes([&] { return bench.there("ssh.started"); }));
  CHECK(bench.answers->questions.isEmpty());
  bench.try_k(4);
  const bool gives_up = GENERATE(true, false);
  CAPTURE(gives_up);
  if (gives_up) bench.answers->unsaved_answer = Prompts::Unsaved::kDiscard;
  bench.allow("connect");
  bench.wait_for_opening();
  CHECK(bench.answers->questions.size() == 1);
  CHECK((bench.workspace().file()->path() == bench.trace) != gives_up);
  CHECK(bench.workspace().thresholds().edited() != gives_up);
}

TEST_CASE("what is opened while a copy asks takes its place") {
  RemoteBench bench;
  const QString other = bench.folder / "other.h5";
  bsfa::test::write_sample(other, 5);
  bench.open(bench.trace);
  bench.window->open(bench.remote(bench.trace));
  REQUIRE(becomes([&] { return bench.there("ssh.started"); }));
  bench.try_k(4);
  bench.answers->unsaved_answer = Prompts::Unsaved::kDiscard;
  bench.answers->meanwhile = [&] {
    bench.answers->meanwhile = nullptr;
    bench.window->open(other);
  };
  bench.allow("connect");
  bench.wait_for_opening();
  REQUIRE(becomes([&] { return bench.workspace().file()->path() == other; }));
  CHECK(bench.openings.last().isEmpty());
}

TEST_CASE("ways back do not lead into the trace that was open before") {
  RemoteBench bench;
  const QString other = bench.folder / "other.h5";
  bsfa::test::write_sample(other, 5);
  bench.open(bench.trace + "#L1/H0/Q5");
  bench.workspace().selection().select_head({{1, 0}, 2});
  bench.open(other + "#L0/H1");
  const bool closes = GENERATE(false, true);
  if (closes) bench.trigger("file.close");
  CHECK_FALSE(bench.workspace().selection().can_go_back());
  bench.trigger("trace.back");
  CHECK(bench.selection().run == (closes ? QString() : other));
  bench.trigger("trace.forward");
  CHECK(bench.selection().run == (closes ? QString() : other));
}

}  // namespace
}  // namespace bsfa::gui
