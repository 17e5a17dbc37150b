// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QImage>
#include <QProcess>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "gui/window/remote_copies.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

/// Takes the place of ssh: knows one machine, which is this one.
constexpr const char* kSsh = R"sh(#!/bin/sh
while [ "$1" != -- ]; do shift; done
[ "$2" = me@there ] || { echo "ssh: Could not resolve hostname $2" >&2; exit 255; }
exec sh -c "$3"
)sh";

struct Place {
  gui::test::Folder folder;
  QString trace = folder / "t.h5";

  Place() {
    bsfa::test::write_sample(trace);
    QFile ssh(folder / "ssh");
    REQUIRE(ssh.open(QIODevice::WriteOnly));
    ssh.write(kSsh);
    ssh.close();
    REQUIRE(ssh.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    REQUIRE(QDir().mkpath(folder / "tmp"));
    // Without one of its own Qt makes one among the temporary files, and remarks on it.
    REQUIRE(QDir().mkpath(folder / "run"));
    REQUIRE(QFile::setPermissions(folder / "run",
                                  QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    qputenv("XDG_RUNTIME_DIR", (folder / "run").toUtf8());
    qputenv("BSFA_SSH", (folder / "ssh").toUtf8());
    qputenv("TMPDIR", (folder / "tmp").toUtf8());
  }
  ~Place() {
    qunsetenv("XDG_RUNTIME_DIR");
    qunsetenv("TMPDIR");
    qunsetenv("BSFA_SSH");
  }
  QStringList temporaries() const {
    return QDir(folder / "tmp").entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
  }
};

struct Ending {
  int code = -1;
  QStringList said;
};
Ending view(const QStringList& arguments) {
  QProcess program;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("QT_QPA_PLATFORM", "offscreen");
  program.setProcessEnvironment(environment);
  program.start(BSFA_VIEWER, arguments);
  REQUIRE(program.waitForFinished(90000));
  REQUIRE(program.exitStatus() == QProcess::NormalExit);
  const QString text = QString::fromUtf8(program.readAllStandardError());
  return {program.exitCode(), text.split(QLatin1Char('\n'), Qt::SkipEmptyParts)};
}

TEST_CASE("the viewer's exit codes tell usage, input and output apart, each with one line") {
  const Place place;
  const QString out = place.folder / "out";
  QFile plain(place.folder / "plain");
  REQUIRE(plain.open(QIODevice::WriteOnly));
  plain.write("no trace");
  plain.close();
  const std::vector<std::pair<QStringList, int>> calls{
      {{"--export", out, place.trace + "#L1/X2"}, 2},
      {{"--export", out}, 2},
      {{"--diff", place.trace}, 2},
      {{"--export", out, "ssh://"}, 2},
      {{"--export", out, place.folder / "missing.h5"}, 3},
      {{"--export", out, place.folder / "plain"}, 3},
      {{"--export", out, "ssh://elsewhere/t.h5"}, 3},
      {{"--export", out, "ssh://me@there/nowhere/t.h5"}, 3},
      {{"--diff", place.trace, "ssh://elsewhere/t.h5"}, 3},
      {{"--export", place.folder / "plain/out", place.trace}, 5}};
  for (const auto& [arguments, code] : calls) {
    CAPTURE(arguments.join(' ').toStdString());
    const Ending ending = view(arguments);
    CHECK(ending.code == code);
    CHECK(ending.said.size() == 1);
    CHECK(ending.said.value(0).startsWith("bsfa-viewer: "));
    CHECK_FALSE(QFile::exists(out));
    CHECK(place.temporaries().isEmpty());
  }
}

TEST_CASE("a trace of another machine is exported at its tile, in time, and nothing stays behind") {
  const Place place;
  QElapsedTimer watch;
  watch.start();
  const QString out = place.folder / "out";
  const Ending ending = view({"--export", out, "ssh://me@there" + place.trace + "#L1/H2/Q5/K6"});
  CAPTURE(ending.said.join('\n').toStdString());
  CHECK(ending.code == 0);
  CHECK(ending.said.isEmpty());
  CHECK(watch.elapsed() < 90000);
  CHECK(QImage(out + "/head.png").text("Selection").endsWith("t.h5#L1/H2/Q5/K6"));
  CHECK(place.temporaries().isEmpty());
}

TEST_CASE("names of this machine stay as they are, others become copies with their links") {
  const Place place;
  {
    RemoteCopies copies;
    CHECK(copies.local(place.trace + "#L1/H2") == place.trace + "#L1/H2");
    const QString copy = copies.local("ssh://me@there" + place.trace + "#L1/H2");
    CHECK(copy.endsWith("/t.h5#L1/H2"));
    CHECK(copy.startsWith(place.folder / "tmp"));
    const QString again = copies.local("ssh://me@there" + place.trace);
    CHECK(again != copy.chopped(6));
    CHECK(QFile::exists(again));
    CHECK_THROWS_AS(copies.local("ssh://me@there"), core::UsageError);
    CHECK_THROWS_AS(copies.local("ssh://elsewhere/t.h5"), core::InputError);
  }
  CHECK(place.temporaries().isEmpty());
}

}  // namespace
}  // namespace bsfa::gui
