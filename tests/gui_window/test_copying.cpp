// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QClipboard>
#include <QProcess>

#include <catch2/catch.hpp>

#include "gui/models/commands.h"
#include "tests/gui_window/programs.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::RemoteBench;
constexpr auto kCtrlShift = Qt::ControlModifier | Qt::ShiftModifier;

/// A trace in view, and a bsfa for the shell that reads its thresholds.
struct CopyBench : RemoteBench {
  CopyBench() {
    bsfa::test::write_program(bsfa, R"sh(#!/bin/sh
[ "$1" = compare ] || exit 2
while [ $# -gt 0 ]; do
  [ "$1" != --thresholds ] || thresholds=$2
  shift
done
[ -z "${thresholds:-}" ] || head -c 8 "$thresholds" >/dev/null || exit 3
echo ran
)sh");
    open(trace + "#L1/H2/Q5/K6");
    window->views().head->heatmap().setFocus();
    QApplication::clipboard()->clear();
  }
  QString copied() const { return QApplication::clipboard()->text(); }
  /// What a shell makes of what was copied.
  QString pasted() const {
    QProcess shell;
    shell.setWorkingDirectory(place / "tmp");
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PATH", place / "." + ":" + environment.value("PATH"));
    shell.setProcessEnvironment(environment);
    shell.start("/bin/sh", {"-c", copied()});
    REQUIRE(shell.waitForFinished());
    return QString::fromUtf8(shell.readAllStandardOutput());
  }
};

TEST_CASE("Ctrl+L copies the link, for a remote trace the one that reaches it again") {
  CopyBench bench;
  bench.press(Qt::Key_L, Qt::ControlModifier);
  CHECK(bench.copied() == bench.trace + "#L1/H2/Q5/K6");
  bench.allow("connect");
  bench.open(bench.remote(bench.trace) + "#L0/H1");
  bench.press(Qt::Key_L, Qt::ControlModifier);
  CHECK(bench.copied() == bench.remote(bench.trace) + "#L0/H1");
}

TEST_CASE("Ctrl+Shift+C copies the command that checks the Q block again") {
  CopyBench bench;
  bench.press(Qt::Key_C, kCtrlShift);
  CHECK(bench.copied() == "bsfa compare --qkv in.safetensors --layer 1 --topk 8 --q-block 0/2/5");
  CHECK(bench.pasted() == "ran\n");
}

TEST_CASE("a command under the run's own thresholds needs no file") {
  CopyBench bench;
  bench.press(Qt::Key_X, kCtrlShift);
  CHECK(bench.copied() == "bsfa compare --qkv in.safetensors --layer all --topk 8");
  CHECK(bench.answers->questions.isEmpty());
}

TEST_CASE("a command under thresholds that are tried saves them first, and runs in a shell") {
  CopyBench bench;
  bench.try_k(4);
  bench.press(Qt::Key_X, kCtrlShift);
  CHECK(bench.answers->questions.size() == 1);
  CHECK(bench.copied().isEmpty());
  bench.answers->save = bench.folder / "it's mine.safetensors";
  bench.press(Qt::Key_X, kCtrlShift);
  CHECK(bench.answers->questions.size() == 2);
  REQUIRE(becomes([&] { return !bench.copied().isEmpty(); }));
  REQUIRE(shell_words(bench.copied()));
  CHECK(shell_words(bench.copied())->contains(bench.answers->save));
  CHECK(bench.pasted() == "ran\n");
  // Saved already: nothing to ask.
  bench.press(Qt::Key_X, kCtrlShift);
  CHECK(bench.answers->questions.size() == 2);
  bench.try_k(5);
  bench.press(Qt::Key_X, kCtrlShift);
  CHECK(bench.answers->questions.size() == 3);
}

TEST_CASE("commands for a measured trace take the thresholds that lie in it") {
  CopyBench bench;
  gui::test::write_trace(bench.folder / "measured.h5",
                         {gui::test::sequence_of(gui::test::problem_of(2, 8, 16), 3)}, "{}",
                         "bsfa compare --qkv in.safetensors --thresholds "
                         "/tmp/bsfa-measure-abcdef/thresholds.safetensors --out t.h5");
  bench.open(bench.folder / "measured.h5");
  bench.answers->save = bench.folder / "tau.safetensors";
  const bool tile = GENERATE(false, true);
  CAPTURE(tile);
  bench.press(tile ? Qt::Key_C : Qt::Key_X, kCtrlShift);
  CHECK(bench.answers->questions.size() == 1);
  CHECK(becomes([&] { return !bench.copied().isEmpty(); }));
  CHECK(bench.copied().contains(bench.answers->save));
  CHECK_FALSE(bench.copied().contains("bsfa-measure-"));
  CHECK(bench.pasted() == "ran\n");
}

}  // namespace
}  // namespace bsfa::gui
