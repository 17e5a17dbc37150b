// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;
using bsfa::test::Bench;

/// A bench whose bsfa is a script that takes the thresholds and hands out a trace made before.
struct MeasureBench : Bench {
  QString program = folder / "bsfa";
  QString input = folder / "in.safetensors";
  QStringList errors;

  explicit MeasureBench(const QByteArray& last_line) {
    write(input, "q, k and v");
    bsfa::test::write_sample(folder / "next.h5", 9);
    write(program,
          "#!/bin/sh\nwhile [ $# -gt 0 ]; do\n  [ \"$1\" = --out ] && out=$2\n  shift\ndone\n" +
              last_line + "\n");
    REQUIRE(QFile::setPermissions(program, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    QObject::connect(&window->measurement(), &Measurement::ended, window.get(),
                     [this](const QString& error) { errors << error; });
  }
  static void write(const QString& name, const QByteArray& text) {
    QFile file(name);
    REQUIRE(file.open(QIODevice::WriteOnly));
    REQUIRE(file.write(text) == text.size());
  }
  MeasureRequest request() {
    QString error;
    MeasureRequest made = window->measurement().suggested(&error);
    REQUIRE(error.toStdString().empty());
    made.program = program;
    made.input = input;
    return made;
  }
};

TEST_CASE("a measurement is suggested with the trace's own input and options") {
  MeasureBench bench("exit 0");
  bench.open(bench.trace);
  const MeasureRequest request = bench.request();
  CHECK(request.thresholds.size() > 100);
  CHECK(request.arguments.contains("--layer"));
  for (const char* option : {"--qkv", "--thresholds", "--topk", "--out", "compare"}) {
    CHECK_FALSE(request.arguments.contains(QString(option)));
  }
}

TEST_CASE("a measured trace takes the place of the one in view, at the same tile") {
  MeasureBench bench("cp \"${0%bsfa}next.h5\" \"$out\"");
  bench.open(bench.trace + "#L1/H2/Q5/K6");
  bench.workspace().thresholds().set_kind(ThresholdScope::kAll, bench.workspace().head_key(),
                                          ThresholdChoice::Kind::kTopK, 4);
  CHECK(bench.window->measurement().open_trace().isEmpty());
  bench.window->measurement().start(bench.request());
  CHECK(bench.window->measurement().running());
  REQUIRE(becomes([&] {
    return !bench.window->measurement().open_trace().isEmpty() && bench.workspace().settled();
  }));
  CHECK(bench.errors == QStringList{QString()});
  CHECK(bench.selection().head_key() == HeadKey{{1, 0}, 2});
  CHECK(bench.selection().q_block == 5);
  CHECK(bench.selection().k_block == 6);
  CHECK_FALSE(bench.workspace().thresholds().edited());
  REQUIRE(bench.window->measurement().points().size() == 1);
  CHECK(bench.window->measurement().points()[0].k == 4.0);
}

TEST_CASE("a measurement that fails or is cancelled leaves the trace in view as it is") {
  MeasureBench bench("echo 'bsfa: out of memory' >&2; exit 4");
  bench.open(bench.trace);
  bench.window->measurement().start(bench.request());
  REQUIRE(becomes([&] { return !bench.errors.isEmpty(); }));
  CHECK(bench.errors.last() == QString("bsfa: out of memory"));
  CHECK(bench.window->message_bar().text() == QString("bsfa: out of memory"));
  CHECK(bench.workspace().file()->path() == bench.trace);

  bench.write(bench.program, "#!/bin/sh\nexec sleep 60\n");
  bench.window->measurement().start(bench.request());
  QTest::qWait(50);
  bench.window->measurement().cancel();
  REQUIRE(becomes([&] { return bench.errors.size() == 2; }));
  CHECK(bench.errors.last().isEmpty());
  CHECK(bench.workspace().file()->path() == bench.trace);
}

}  // namespace
}  // namespace bsfa::gui
