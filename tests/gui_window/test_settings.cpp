// SPDX-License-Identifier: GPL-3.0-or-later
#include <QListWidget>
#include <QSignalSpy>

#include <catch2/catch.hpp>

#include "gui/window/start_page.h"
#include "gui/window/viewer_settings.h"
#include "tests/gui_window/support.h"

namespace bsfa::gui {
namespace {

struct Store {
  test::Scratch scratch;
  QSettings settings{test::text_of(scratch / "viewer.ini"), QSettings::IniFormat};
};

TEST_CASE("recent files are newest first, once each, and ten at most") {
  Store store;
  ViewerSettings settings(store.settings);
  for (int i = 0; i < 12; ++i) settings.add_recent(QString("/t/%1.h5").arg(i));
  settings.add_recent("/t/5.h5");
  CHECK(settings.recent_files().size() == ViewerSettings::kMostRecent);
  CHECK(settings.recent_files().first() == QString("/t/5.h5"));
  CHECK(settings.recent_files().count("/t/5.h5") == 1);
  settings.forget_recent("/t/5.h5");
  CHECK_FALSE(settings.recent_files().contains("/t/5.h5"));
  settings.clear_recent();
  CHECK(settings.recent_files().isEmpty());
}

TEST_CASE("settings outlive the program, and nonsense in their file does no harm") {
  const test::Scratch scratch;
  const QString file = test::text_of(scratch / "viewer.ini");
  {
    QSettings store(file, QSettings::IniFormat);
    ViewerSettings settings(store);
    settings.set_theme("dark");
    settings.set_font_percent(1000);
    settings.set_window("geometry", "layout");
    settings.set_measure("me@host", "/opt/bsfa");
  }
  QSettings store(file, QSettings::IniFormat);
  ViewerSettings settings(store);
  CHECK(settings.theme() == QString("dark"));
  CHECK(settings.font_percent() == 300);
  CHECK(settings.geometry() == QByteArray("geometry"));
  CHECK(settings.layout() == QByteArray("layout"));
  CHECK(settings.measure_host() == QString("me@host"));
  CHECK(settings.measure_program() == QString("/opt/bsfa"));
  store.setValue("theme", "purple");
  store.setValue("font_percent", "huge");
  CHECK(settings.theme() == QString("system"));
  CHECK(settings.font_percent() == 100);
  settings.forget_window();
  CHECK(settings.layout().isEmpty());
}

TEST_CASE("recorded traces are found from the folder of the program upwards") {
  const test::Scratch scratch;
  const auto recorded = scratch / "traces/recorded";
  std::filesystem::create_directories(recorded);
  std::filesystem::create_directories(scratch.folder() / "build/release/bin");
  CHECK(recorded_traces(test::text_of(scratch.folder() / "build/release/bin")).isEmpty());
  const auto trace = scratch.write("traces/recorded/sample.h5", "");
  scratch.write("traces/recorded/readme.txt", "");
  const QStringList found = recorded_traces(test::text_of(scratch.folder() / "build/release/bin"));
  CHECK(found == QStringList{test::text_of(trace)});
}

TEST_CASE("the start page offers recent and recorded files by key") {
  StartPage page;
  page.resize(800, 600);
  page.set_files({"/a/recent.h5"}, {"/b/sample.h5"});
  page.show();
  auto* list = page.findChild<QListWidget*>();
  REQUIRE(list->count() == 4);
  QSignalSpy chosen(&page, &StartPage::file_chosen);
  list->setFocus();
  QTest::keyClick(list, Qt::Key_Return);
  REQUIRE(chosen.count() == 1);
  CHECK(chosen[0][0].toString() == QString("/a/recent.h5"));
  QTest::keyClick(list, Qt::Key_Down);
  QTest::keyClick(list, Qt::Key_Return);
  REQUIRE(chosen.count() == 2);
  CHECK(chosen[1][0].toString() == QString("/b/sample.h5"));
}

TEST_CASE("the start page has no list where there is nothing to offer") {
  StartPage page;
  page.set_files({}, {});
  page.show();
  CHECK_FALSE(page.findChild<QListWidget*>()->isVisible());
}

}  // namespace
}  // namespace bsfa::gui
