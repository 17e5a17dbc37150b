// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui_window/programs.h"

#include <QDir>
#include <QFile>

#include <catch2/catch.hpp>

namespace bsfa::test {
namespace {

/// HERE is where the programs are.
constexpr const char* kSsh = R"sh(#!/bin/sh
while [ "$1" != -- ]; do shift; done
[ "$2" = me@there ] || { echo "ssh: Could not resolve hostname $2" >&2; exit 255; }
echo connecting >>'HERE/ssh.started'
until [ -e 'HERE/connect' ]; do sleep 0.02; done
exec sh -c "$3"
)sh";

constexpr const char* kBsfa = R"sh(#!/bin/sh
echo "$@" >>'HERE/bsfa.started'
while [ $# -gt 0 ]; do
  [ "$1" = --out ] && out=$2
  shift
done
until [ -e 'HERE/go' ]; do sleep 0.02; done
[ ! -e 'HERE/fail' ] || { cat 'HERE/fail' >&2; exit 4; }
cp 'HERE/next.h5' "$out"
)sh";

}  // namespace

void write_text(const QString& name, const QByteArray& text) {
  QFile file(name);
  REQUIRE(file.open(QIODevice::WriteOnly));
  REQUIRE(file.write(text) == text.size());
}

void write_program(const QString& name, const QByteArray& text) {
  write_text(name, text);
  REQUIRE(QFile::setPermissions(name, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

Programs::Programs() {
  const QByteArray here = (place / ".").toUtf8();
  write_text(input, "q, k and v");
  write_sample(place / "next.h5", 9);
  write_program(bsfa, QByteArray(kBsfa).replace("HERE", here));
  write_program(place / "ssh", QByteArray(kSsh).replace("HERE", here));
  REQUIRE(QDir().mkpath(place / "tmp"));
  qputenv("BSFA_SSH", (place / "ssh").toUtf8());
  qputenv("TMPDIR", (place / "tmp").toUtf8());
}

Programs::~Programs() {
  qunsetenv("TMPDIR");
  qunsetenv("BSFA_SSH");
}

bool Programs::there(const char* file) const {
  return QFile::exists(place / file);
}

QStringList Programs::temporaries() const {
  return QDir(place / "tmp").entryList(QDir::AllEntries | QDir::NoDotAndDotDot);
}

RemoteBench::RemoteBench() {
  QObject::connect(&window->opener(), &gui::Opener::ended, window.get(),
                   [this](const QString& error) { openings << error; });
  QObject::connect(&window->measurement(), &gui::Measurement::ended, window.get(),
                   [this](const QString& error) { measurings << error; });
}

gui::MeasureRequest RemoteBench::request() {
  QString error;
  gui::MeasureRequest made = window->measurement().suggested(&error);
  REQUIRE(error.toStdString().empty());
  made.program = bsfa;
  made.input = input;
  return made;
}

void RemoteBench::wait_for_measurements(int count) {
  REQUIRE(becomes([&] { return measurings.size() >= count; }));
  wait_for_opening();
}

void RemoteBench::wait_for_opening() {
  REQUIRE(becomes([this] { return !window->opener().busy() && workspace().settled(); }));
  QTest::qWait(20);
}

}  // namespace bsfa::test
