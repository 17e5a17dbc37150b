// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "tests/gui_window/programs.h"

namespace bsfa::gui {
namespace {

constexpr int kTimes = 50;

/// Settings and a trace, and windows that come and go.
struct Fleet {
  gui::test::Folder folder;
  QString trace{folder / "sample.h5"};
  QSettings store{folder / "viewer.ini", QSettings::IniFormat};
  ViewerSettings settings{store};

  Fleet() { bsfa::test::write_sample(trace); }
  std::unique_ptr<MainWindow> window() {
    auto made = std::make_unique<MainWindow>(settings);
    made->show();
    return made;
  }
};

TEST_CASE("closing the window during a load never crashes") {
  Fleet fleet;
  for (int i = 0; i < kTimes; ++i) {
    auto window = fleet.window();
    window->open(fleet.trace);
    // Before, in the middle of and after each step of opening.
    QTest::qWait(i % 25);
    window->close();
  }
  QTest::qWait(50);
  SUCCEED();
}

TEST_CASE("opening again during a load takes the last one") {
  Fleet fleet;
  auto window = fleet.window();
  for (int i = 0; i < kTimes; ++i) {
    window->open(fleet.trace + QString("#L0/H%1").arg(i % 3));
    if (i % 5 == 0) QTest::qWait(2);
  }
  window->open(fleet.trace + "#L1/H2/Q3");
  REQUIRE(bsfa::test::becomes([&] {
    return window->workspace().file() && !window->opener().busy() && window->workspace().settled();
  }));
  CHECK(window->workspace().head_key() == HeadKey{{1, 0}, 2});
}

TEST_CASE("closing the window during a measurement never crashes") {
  Fleet fleet;
  const QString program = fleet.folder / "bsfa";
  QFile script(program);
  REQUIRE(script.open(QIODevice::WriteOnly));
  script.write("#!/bin/sh\nexec sleep 60\n");
  script.close();
  REQUIRE(script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
  for (int i = 0; i < kTimes; ++i) {
    auto window = fleet.window();
    MeasureRequest request;
    request.program = program;
    request.input = fleet.trace;
    request.thresholds = "tau";
    window->measurement().start(request);
    QTest::qWait(i % 10);
    window->close();
  }
  SUCCEED();
}

TEST_CASE("closing the window while a trace is copied never crashes, and leaves nothing behind") {
  Fleet fleet;
  const bsfa::test::Programs programs;
  for (int i = 0; i < kTimes; ++i) {
    auto window = fleet.window();
    window->open("ssh://me@there" + fleet.trace);
    QTest::qWait(i % 10);
    if (i % 2 == 0) window->close();
  }
  CHECK(bsfa::test::becomes([&] { return programs.temporaries().isEmpty(); }));
}

TEST_CASE("closing the window while a second trace is loaded during a first never crashes") {
  Fleet fleet;
  const QString other = fleet.folder / "other.h5";
  bsfa::test::write_sample(other, 5);
  for (int i = 0; i < kTimes; ++i) {
    auto window = fleet.window();
    window->open(fleet.trace);
    QTest::qWait(i % 5);
    window->open(other);
    QTest::qWait(i % 25);
    if (i % 2 == 0) window->close();
  }
  SUCCEED();
}

TEST_CASE("closing the window during a drag never crashes") {
  Fleet fleet;
  auto first = fleet.window();
  for (int i = 0; i < kTimes; ++i) {
    auto window = fleet.window();
    window->open(fleet.trace);
    REQUIRE(bsfa::test::becomes([&] { return window->workspace().head() != nullptr; }));
    QWidget* dragged = i % 2 == 0 ? static_cast<QWidget*>(&window->views().head->heatmap())
                                  : window->views().timeline;
    const QPoint center = dragged->rect().center();
    QTest::mousePress(dragged, Qt::LeftButton, Qt::NoModifier, center);
    QTest::mouseMove(dragged, center + QPoint(9, 5));
    window->close();
    if (i % 4 < 2) window.reset();
    QTest::qWait(1);
  }
  SUCCEED();
}

}  // namespace
}  // namespace bsfa::gui
