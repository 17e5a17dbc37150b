// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <QtCore/QCoreApplication>
#include <QtCore/QPointer>
#include <QtCore/QThread>
#include <QtGui/QImage>
#include <QtGui/QPainter>
#include <catch2/catch.hpp>

#include "gui/models/load_job.h"
#include "tests/gui_models/support.h"

using namespace bsfa::gui;
using test::wait_until;

namespace {

/// Work that goes on until it is cancelled or released.
std::function<int(const JobControl&)> stubborn(const std::shared_ptr<std::atomic<int>>& stops,
                                               const std::shared_ptr<std::atomic<bool>>& release) {
  return [stops, release](const JobControl& control) {
    while (!control.cancelled() && !release->load()) {
      control.report(0.5);
      QThread::usleep(50);
    }
    ++*stops;
    return 1;
  };
}

}  // namespace

TEST_CASE("a job computes on another thread and delivers on the one that asked") {
  QObject context;
  QThread* worked_on = nullptr;
  QThread* delivered_on = nullptr;
  int got = 0;
  bool ended = false, delivered = false;
  double progress = 0.0;
  LoadJob* job = LoadJob::start<int>(
      &context,
      [&](const JobControl& control) {
        worked_on = QThread::currentThread();
        control.report(0.25);
        return 42;
      },
      [&](int result) {
        delivered_on = QThread::currentThread();
        got = result;
      });
  QObject::connect(job, &LoadJob::progressed, &context, [&](double share) { progress = share; });
  QObject::connect(job, &LoadJob::ended, &context, [&](bool did) {
    ended = true;
    delivered = did;
  });
  const QPointer<LoadJob> watched(job);
  REQUIRE(wait_until([&] { return ended; }));
  CHECK(got == 42);
  CHECK(delivered);
  CHECK(progress == 0.25);
  CHECK(delivered_on == QThread::currentThread());
  CHECK(worked_on != QThread::currentThread());
  CHECK(wait_until([&] { return watched.isNull(); }));
}

TEST_CASE("an exception of the work becomes a line of text, and nothing is delivered") {
  QObject context;
  QString text;
  int ended = 0;
  bool delivered = false;
  LoadJob* job = LoadJob::start<int>(
      &context, [](const JobControl&) -> int { throw std::runtime_error("no such thing"); },
      [&](int) { delivered = true; });
  QObject::connect(job, &LoadJob::failed, &context, [&](const QString& error) { text = error; });
  QObject::connect(job, &LoadJob::ended, &context, [&](bool did) { ended += did ? 100 : 1; });
  REQUIRE(wait_until([&] { return ended != 0; }));
  CHECK(text == "no such thing");
  CHECK(ended == 1);
  CHECK_FALSE(delivered);
}

TEST_CASE("cancelling ends a job at once and stops its work") {
  QObject context;
  const auto stops = std::make_shared<std::atomic<int>>(0);
  const auto release = std::make_shared<std::atomic<bool>>(false);
  bool delivered = false;
  int ended = 0;
  LoadJob* job =
      LoadJob::start<int>(&context, stubborn(stops, release), [&](int) { delivered = true; });
  QObject::connect(job, &LoadJob::ended, &context, [&](bool did) { ended += did ? 100 : 1; });
  job->cancel();
  job->cancel();
  CHECK(ended == 1);
  CHECK(wait_until([&] { return LoadJob::pool()->activeThreadCount() == 0; }));
  QCoreApplication::processEvents();
  CHECK_FALSE(delivered);
}

TEST_CASE("a context that goes during its jobs takes their results with it, fifty times over") {
  const auto stops = std::make_shared<std::atomic<int>>(0);
  const auto release = std::make_shared<std::atomic<bool>>(false);
  const auto delivered = std::make_shared<std::atomic<int>>(0);
  for (int i = 0; i < 50; ++i) {
    auto context = std::make_unique<QObject>();
    for (int n = 0; n < 3; ++n) {
      LoadJob::start<int>(context.get(), stubborn(stops, release),
                          [delivered](int) { ++*delivered; });
    }
    // Some have not begun, some work, some have posted.
    if (i % 3 == 1) QThread::usleep(300);
    if (i % 3 == 2) QCoreApplication::processEvents();
    context.reset();
  }
  release->store(true);
  CHECK(wait_until([&] { return LoadJob::pool()->activeThreadCount() == 0; }));
  QCoreApplication::processEvents();
  CHECK(delivered->load() == 0);
}

TEST_CASE("a result that closes its own window is the last that is heard of the job") {
  auto context = std::make_unique<QObject>();
  bool closed = false;
  LoadJob::start<std::string>(
      context.get(), [](const JobControl&) { return std::string("done"); },
      [&](const std::string&) {
        context.reset();
        closed = true;
      });
  REQUIRE(wait_until([&] { return closed; }));
  QCoreApplication::processEvents();
  CHECK(context == nullptr);
}

TEST_CASE("urgent jobs overtake those that wait") {
  QObject context;
  QThreadPool pool;
  pool.setMaxThreadCount(1);
  const auto release = std::make_shared<std::atomic<bool>>(false);
  const auto stops = std::make_shared<std::atomic<int>>(0);
  std::string order;
  LoadJob::start<int>(
      &context, stubborn(stops, release), [&](int) { order += '0'; }, 0, &pool);
  const auto note = [&](char name) { return [&order, name](int) { order += name; }; };
  const auto quick = [](const JobControl&) { return 1; };
  LoadJob::start<int>(&context, quick, note('a'), 0, &pool);
  LoadJob::start<int>(&context, quick, note('b'), 5, &pool);
  release->store(true);
  REQUIRE(wait_until([&] { return order.size() == 3; }));
  CHECK(order == "0ba");
}

TEST_CASE("painting and other work of the program go on while jobs take every thread of theirs") {
  QObject context;
  QThreadPool& pool = *LoadJob::pool();
  CHECK(pool.maxThreadCount() >= 2);
  const auto release = std::make_shared<std::atomic<bool>>(false);
  const std::function<int(const JobControl&)> held = [release](const JobControl&) {
    while (!release->load()) QThread::msleep(1);
    return 1;
  };
  for (int i = 0; i < 2 * pool.maxThreadCount() + QThreadPool::globalInstance()->maxThreadCount();
       ++i) {
    LoadJob::start<int>(&context, held, [](int) {});
  }
  REQUIRE(wait_until([&] { return pool.activeThreadCount() == pool.maxThreadCount(); }));
  std::atomic<bool> ran = false, painted = false;
  QThreadPool::globalInstance()->start([&] { ran = true; });
  // Beside this thread, which would wait for ever where painting wants threads that jobs hold.
  std::thread painter([&] {
    QImage image(2048, 2048, QImage::Format_ARGB32_Premultiplied);
    QRadialGradient gradient(1024, 1024, 1024);
    gradient.setColorAt(0, Qt::white);
    QPainter(&image).fillRect(image.rect(), gradient);
    painted = true;
  });
  const bool went_on = wait_until([&] { return ran && painted; }, 10000);
  release->store(true);
  painter.join();
  QThreadPool::globalInstance()->waitForDone();
  CHECK(went_on);
}
