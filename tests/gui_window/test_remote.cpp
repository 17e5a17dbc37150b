// SPDX-License-Identifier: GPL-3.0-or-later
#include <QProcess>
#include <QSignalSpy>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "gui/models/commands.h"
#include "gui/window/fetch.h"
#include "gui/window/measure.h"
#include "tests/gui_window/support.h"

namespace bsfa::gui {
namespace {

using Outcome = ProcessJob::Outcome;

/// A program that takes the place of ssh: checks the host and runs the command here.
constexpr const char* kFakeSsh = R"sh(#!/bin/sh
while [ "$1" != -- ]; do shift; done
[ "$2" = me@there ] || { echo "ssh: Could not resolve hostname $2" >&2; exit 255; }
exec sh -c "$3"
)sh";

/// A program that takes the place of bsfa: its trace says what it was given.
constexpr const char* kFakeBsfa = R"sh(#!/bin/sh
echo "$@" >"$0.arguments"
trap 'echo stopped >"$0.stopped"; exit 130' TERM
echo started >"$0.started"
while [ $# -gt 0 ]; do
  case "$1" in
    --thresholds) thresholds=$2 ;;
    --out) out=$2 ;;
    --slow) sleep 30 & wait $! ;;
    --refuse) echo "bsfa: no such kernel" >&2; exit 2 ;;
    --unequal) { echo trace; cat "$thresholds"; } >"$out"; exit 1 ;;
  esac
  shift
done
{ echo trace; cat "$thresholds"; } >"$out"
)sh";

std::filesystem::path program(const test::Scratch& scratch, const char* name, const char* text) {
  const auto file = scratch.write(name, text);
  REQUIRE(::chmod(file.c_str(), 0755) == 0);
  return file;
}

struct Report {
  Outcome outcome = Outcome::kFailed;
  QString error;
};
Report run(const ProcessPlan& plan, std::function<bool()> cancel_when = nullptr) {
  ProcessJob job;
  std::optional<Report> report;
  QObject::connect(&job, &ProcessJob::finished, &job, [&](Outcome outcome, const QString& error) {
    report = {outcome, error};
  });
  job.start(plan);
  if (cancel_when) {
    CHECK(test::becomes(cancel_when));
    job.cancel();
  }
  REQUIRE(test::becomes([&] { return report.has_value(); }));
  return *report;
}

struct Bench {
  test::Scratch scratch;
  MeasureRequest request;

  Bench() {
    scratch.write("q k'v.safetensors", "qkv");
    request.program = test::text_of(program(scratch, "bsfa", kFakeBsfa));
    request.input = test::text_of(scratch / "q k'v.safetensors");
    request.thresholds = QByteArray("tau\0\n@SIZE@", 11);
    request.output_file = test::text_of(scratch / "new.h5");
    qputenv("BSFA_SSH", program(scratch, "ssh", kFakeSsh).c_str());
    qputenv("TMPDIR", scratch.folder().c_str());
  }
  ~Bench() {
    qunsetenv("TMPDIR");
    qunsetenv("BSFA_SSH");
  }
  bool there(const char* name) const { return std::filesystem::exists(scratch / name); }
  /// The real hash, by the program that the script uses.
  QString hash() const {
    QProcess sum;
    sum.start("sha256sum", {request.input});
    REQUIRE(sum.waitForFinished());
    return QString::fromLatin1(sum.readAll()).section(' ', 0, 0).remove('\\');
  }
  bool clean() const {
    for (const auto& entry : std::filesystem::directory_iterator(scratch.folder())) {
      if (entry.path().filename().string().starts_with("bsfa-measure-")) return false;
    }
    return !there("new.h5.part");
  }
};

TEST_CASE("remote paths are taken apart, and what ssh could misread is refused") {
  const auto plain = parse_remote("ssh://host/a b/t.h5");
  REQUIRE(plain);
  CHECK(plain->host == QString("host"));
  CHECK(plain->path == QString("/a b/t.h5"));
  CHECK(plain->port == 0);
  const auto full = parse_remote("ssh://me@host:2222/t.h5#L4/H2");
  REQUIRE(full);
  CHECK(full->host == QString("me@host"));
  CHECK(full->port == 2222);
  CHECK(full->link == QString("L4/H2"));
  for (const char* wrong :
       {"ssh://", "ssh://host", "ssh://host/", "ssh:///t.h5", "ssh://-oProxyCommand=x/t.h5",
        "ssh://host:/t", "ssh://host:99999/t", "t.h5"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_remote(wrong));
  }
  CHECK(is_remote("ssh://"));
  CHECK_FALSE(is_remote("ssh.h5"));
}

TEST_CASE("a quoted word survives two shells") {
  const QString nasty = "a'b \"$HOME\" `id` \\ \n;#&";
  QProcess shell;
  shell.start("/bin/sh", {"-c", "sh -c " + shell_quoted("printf %s " + shell_quoted(nasty))});
  REQUIRE(shell.waitForFinished());
  CHECK(QString::fromUtf8(shell.readAll()) == nasty);
}

TEST_CASE("a remote trace is copied through ssh under its own name") {
  Bench bench;
  const auto remote = parse_remote("ssh://me@there" + bench.request.input);
  REQUIRE(remote);
  std::filesystem::create_directory(bench.scratch / "copies");
  const QString local = local_name(test::text_of(bench.scratch / "copies"), *remote);
  CHECK(run(fetch_plan(*remote, local)).outcome == Outcome::kDone);
  CHECK(test::content_of(bench.scratch / "copies/q k'v.safetensors") == "qkv");
}

TEST_CASE("a copy that fails says what ssh or the other machine said") {
  Bench bench;
  const QString out = test::text_of(bench.scratch / "copy");
  const Report unknown = run(fetch_plan(*parse_remote("ssh://elsewhere/t.h5"), out));
  CHECK(unknown.outcome == Outcome::kFailed);
  CHECK(unknown.error.contains("elsewhere"));
  const Report missing = run(fetch_plan(*parse_remote("ssh://me@there/nowhere/t.h5"), out));
  CHECK(missing.outcome == Outcome::kFailed);
  CHECK(missing.error.contains("/nowhere/t.h5"));
  CHECK_FALSE(bench.there("copy"));
}

TEST_CASE("a measurement sends thresholds, checks the hash and brings the trace, here and by ssh") {
  Bench bench;
  bench.request.host = GENERATE(as<QString>{}, "", "me@there");
  bench.request.sha256 = bench.hash();
  bench.request.arguments = QStringList{"--layer", "4", "--kernel", "a b'.so"};
  const Report report = run(measure_plan(bench.request));
  CHECK(report.error == QString());
  REQUIRE(report.outcome == Outcome::kDone);
  CHECK(test::content_of(bench.scratch / "new.h5") == std::string("trace\ntau\0\n@SIZE@", 17));
  const std::string given = test::content_of(bench.scratch / "bsfa.arguments");
  CHECK(given.find("compare --qkv " + bench.request.input.toStdString()) == 0);
  CHECK(given.find("--layer 4 --kernel a b'.so") != std::string::npos);
  CHECK(bench.clean());
}

TEST_CASE("an input with another hash is refused before anything runs") {
  Bench bench;
  bench.request.sha256 = QString(64, QLatin1Char('0'));
  const Report report = run(measure_plan(bench.request));
  CHECK(report.outcome == Outcome::kFailed);
  CHECK(report.error.contains("SHA-256"));
  CHECK_FALSE(bench.there("bsfa.started"));
  CHECK_FALSE(bench.there("new.h5"));
  CHECK(bench.clean());
}

TEST_CASE("a verdict that is no pass is a result, a refusal is not") {
  Bench bench;
  bench.request.arguments = QStringList{"--unequal"};
  CHECK(run(measure_plan(bench.request)).outcome == Outcome::kDone);
  bench.request.arguments = QStringList{"--refuse"};
  const Report refused = run(measure_plan(bench.request));
  CHECK(refused.outcome == Outcome::kFailed);
  CHECK(refused.error == QString("bsfa: no such kernel"));
  CHECK(bench.clean());
}

TEST_CASE("Cancel stops the measurement itself, here and by ssh") {
  Bench bench;
  bench.request.host = GENERATE(as<QString>{}, "", "me@there");
  bench.request.arguments = QStringList{"--slow"};
  const Report report =
      run(measure_plan(bench.request), [&] { return bench.there("bsfa.started"); });
  CHECK(report.outcome == Outcome::kCancelled);
  CHECK(test::becomes([&] { return bench.there("bsfa.stopped"); }));
  CHECK(test::becomes([&] { return bench.clean(); }));
}

TEST_CASE("the measurement ends when whoever asked for it is gone") {
  Bench bench;
  bench.request.arguments = QStringList{"--slow"};
  auto* job = new ProcessJob;
  job->start(measure_plan(bench.request));
  REQUIRE(test::becomes([&] { return bench.there("bsfa.started"); }));
  delete job;
  CHECK(test::becomes([&] { return bench.there("bsfa.stopped"); }));
}

TEST_CASE("a measurement whose shell is killed leaves no folder behind, however slow its bsfa is") {
  Bench bench;
  program(bench.scratch, "bsfa",
          "#!/bin/sh\ntrap '' TERM\necho started >\"$0.started\"\nsleep 2\n");
  auto* job = new ProcessJob;
  job->start(measure_plan(bench.request));
  REQUIRE(test::becomes([&] { return bench.there("bsfa.started"); }));
  REQUIRE_FALSE(bench.clean());
  delete job;
  CHECK(test::becomes([&] { return bench.clean(); }));
}

TEST_CASE("requests that cannot be run are told before they are") {
  Bench bench;
  CHECK(fault_of(bench.request).isEmpty());
  bench.request.host = "-oProxyCommand=x";
  CHECK_FALSE(fault_of(bench.request).isEmpty());
  bench.request.host.clear();
  bench.request.input.clear();
  CHECK_FALSE(fault_of(bench.request).isEmpty());
}

}  // namespace
}  // namespace bsfa::gui
