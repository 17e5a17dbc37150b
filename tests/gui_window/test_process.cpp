// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QSignalSpy>

#include <catch2/catch.hpp>

#include "gui/window/fetch.h"
#include "gui/window/process_job.h"
#include "tests/gui_window/support.h"

namespace bsfa::gui {
namespace {

using Outcome = ProcessJob::Outcome;

/// Runs a job until it reports.
struct Run {
  ProcessJob job;
  std::vector<std::pair<Outcome, QString>> reports;
  std::vector<double> shares;
  QStringList phases;

  Run() {
    QObject::connect(
        &job, &ProcessJob::finished, &job,
        [this](Outcome outcome, const QString& error) { reports.emplace_back(outcome, error); });
    QObject::connect(&job, &ProcessJob::progressed, &job,
                     [this](double share, const QString& phase) {
                       shares.push_back(share);
                       phases << phase;
                     });
  }
  void wait() {
    REQUIRE(test::becomes([this] { return !reports.empty(); }));
    QTest::qWait(20);
    REQUIRE(reports.size() == 1);
  }
};

ProcessPlan script(const QString& text, const std::filesystem::path& out,
                   const QByteArray& input = {}) {
  return {"/bin/sh", {"-c", text}, input, test::text_of(out)};
}

TEST_CASE("a job's output appears under its name when it is complete") {
  const test::Scratch scratch;
  Run run;
  run.job.start(script("head -c 5; echo ' world'", scratch / "out", "hello"));
  run.wait();
  CHECK(run.reports[0].first == Outcome::kDone);
  CHECK(test::content_of(scratch / "out") == "hello world\n");
  CHECK(test::entries_of(scratch.folder()) == 1);
}

TEST_CASE("an output that was there is replaced, and kept where the job fails") {
  const test::Scratch scratch;
  scratch.write("out", "old");
  Run failing;
  failing.job.start(script("echo new; echo 'disk: on fire' >&2; exit 3", scratch / "out"));
  failing.wait();
  CHECK(failing.reports[0].first == Outcome::kFailed);
  CHECK(failing.reports[0].second == QString("disk: on fire"));
  CHECK(test::content_of(scratch / "out") == "old");
  Run working;
  working.job.start(script("printf new", scratch / "out"));
  working.wait();
  CHECK(test::content_of(scratch / "out") == "new");
  CHECK(test::entries_of(scratch.folder()) == 1);
}

TEST_CASE("a failure without words names the exit code, and a program that is not there its name") {
  const test::Scratch scratch;
  Run silent;
  silent.job.start(script("exit 7", scratch / "out"));
  silent.wait();
  CHECK(silent.reports[0].second.contains("7"));
  Run missing;
  missing.job.start({"/nowhere/bsfa", {}, {}, test::text_of(scratch / "out")});
  missing.wait();
  CHECK(missing.reports[0].first == Outcome::kFailed);
  CHECK(missing.reports[0].second.contains("/nowhere/bsfa"));
  Run killed;
  killed.job.start(script("kill -9 $$", scratch / "out"));
  killed.wait();
  CHECK(killed.reports[0].first == Outcome::kFailed);
  CHECK(test::entries_of(scratch.folder()) == 0);
}

TEST_CASE("fewer bytes than were announced are no copy") {
  const test::Scratch scratch;
  Run run;
  run.job.start(script("echo 10 >&2; printf 12345", scratch / "out"));
  run.wait();
  CHECK(run.reports[0].first == Outcome::kFailed);
  CHECK(run.reports[0].second.contains("5 of 10"));
  CHECK(test::entries_of(scratch.folder()) == 0);
}

TEST_CASE("progress is read from redrawn lines") {
  const test::Scratch scratch;
  Run run;
  run.job.start(
      script(R"(printf 'judging ...\r\033[Kjudging        [####....]  45 %%  3 s left\r' >&2)",
             scratch / "out"));
  run.wait();
  REQUIRE(run.shares.size() == 2);
  CHECK(run.shares[0] < 0.0);
  CHECK(run.shares[1] == Approx(0.45));
  CHECK(run.phases[1] == QString("judging"));
}

TEST_CASE("Cancel ends a job that waits for its input, at once and without a trace") {
  const test::Scratch scratch;
  Run run;
  run.job.start(script("printf part; cat >/dev/null; exit 1", scratch / "out"));
  QTest::qWait(50);
  QElapsedTimer timer;
  timer.start();
  run.job.cancel();
  run.wait();
  CHECK(timer.elapsed() < 2000);
  CHECK(run.reports[0].first == Outcome::kCancelled);
  CHECK(test::entries_of(scratch.folder()) == 0);
}

TEST_CASE("Cancel ends a job that will not go") {
  const test::Scratch scratch;
  Run run;
  run.job.start(script("trap '' TERM; while :; do sleep 0.1; done", scratch / "out"));
  QTest::qWait(100);
  run.job.cancel();
  run.wait();
  CHECK(run.reports[0].first == Outcome::kCancelled);
}

TEST_CASE("a job may be deleted while it runs, 50 times") {
  const test::Scratch scratch;
  for (int i = 0; i < 50; ++i) {
    auto* job = new ProcessJob;
    job->start(script("printf part; exec sleep 60", scratch / "out"));
    if (i % 2 == 0) QTest::qWait(5);
    delete job;
  }
  CHECK(test::entries_of(scratch.folder()) == 0);
}

TEST_CASE("a job can be started again after its end") {
  const test::Scratch scratch;
  Run run;
  run.job.start(script("exit 1", scratch / "out"));
  run.wait();
  run.reports.clear();
  run.job.start(script("printf again", scratch / "out"));
  run.wait();
  CHECK(run.reports[0].first == Outcome::kDone);
  CHECK(test::content_of(scratch / "out") == "again");
}

}  // namespace
}  // namespace bsfa::gui
