// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QElapsedTimer>
#include <QImage>
#include <QLabel>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "core/error.h"
#include "gui/window/export_page.h"
#include "gui/window/exporter.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

/// Share of pixels that differ from the picture's most frequent colour.
double drawn_share(const QImage& image) {
  QHash<QRgb, int> counts;
  for (int y = 0; y < image.height(); y += 2) {
    for (int x = 0; x < image.width(); x += 2) ++counts[image.pixel(x, y)];
  }
  int most = 0, all = 0;
  for (const int count : counts) {
    most = std::max(most, count);
    all += count;
  }
  return 1.0 - static_cast<double>(most) / all;
}

TEST_CASE("an export writes five pictures of 1440 by 900 that show something, in time") {
  const gui::test::Folder folder;
  bsfa::test::write_sample(folder / "t.h5");
  QElapsedTimer watch;
  watch.start();
  REQUIRE(export_trace((folder / "t.h5") + "#L1/H2/Q5/K6", folder / "deep/pictures") == 0);
  CHECK(watch.elapsed() < 90000);
  CHECK(QDir(folder / "deep/pictures").entryList(QDir::Files).size() == 5);
  for (const QString& name : exported_names()) {
    CAPTURE(name.toStdString());
    const QImage image(QDir(folder / "deep/pictures").filePath(name));
    CHECK(image.size() == QSize(1440, 900));
    CHECK(drawn_share(image) > 0.05);
  }
}

TEST_CASE("exported pictures carry the figures that the models have") {
  const gui::test::Folder folder;
  bsfa::test::write_sample(folder / "t.h5");
  REQUIRE(export_trace((folder / "t.h5") + "#L1/H2/Q5/K6", folder / "out") == 0);
  const auto opened = TraceFile::open(folder / "t.h5");
  REQUIRE(opened.file);
  const HeadKey key{{1, 0}, 2};
  for (const QString& name : exported_names()) {
    const QImage image(QDir(folder / "out").filePath(name));
    CHECK(image.text("Selection") == (folder / "t.h5") + "#L1/H2/Q5/K6");
    for (const HeadFigures& head : head_figures(*opened.file)) {
      if (head.key != key) continue;
      REQUIRE(head.retained_mass);
      REQUIRE(head.method);
      CHECK(image.text("Retained mass").toDouble() == *head.retained_mass);
      CHECK(image.text("Method").toDouble() == *head.method);
    }
    const auto density = counted_density(*opened.file, key);
    REQUIRE(density);
    CHECK(image.text("Density").toDouble() == Approx(*density));
  }
}

TEST_CASE("an export that fails says so with its code and leaves nothing behind") {
  const gui::test::Folder folder;
  bsfa::test::write_sample(folder / "t.h5");
  CHECK(export_trace(folder / "missing.h5", folder / "out") == 3);
  CHECK_FALSE(QDir(folder / "out").exists());
  CHECK(export_trace((folder / "t.h5") + "#L1/X2", folder / "out") == 2);
  QFile file(folder / "plain");
  REQUIRE(file.open(QIODevice::WriteOnly));
  file.close();
  CHECK(export_trace(folder / "t.h5", folder / "plain/out") == 5);
}

TEST_CASE("where one picture cannot be written none is, and older ones stay as they were") {
  const gui::test::Folder folder;
  bsfa::test::write_sample(folder / "t.h5");
  REQUIRE(QDir().mkpath(folder / "out/thresholds.png"));
  CHECK(export_trace(folder / "t.h5", folder / "out") == 5);
  CHECK(QDir(folder / "out").entryList(QDir::Files | QDir::Hidden).isEmpty());
}

TEST_CASE("a page has its size, whatever is on it, and gives its views back") {
  QWidget holder;
  auto* label = new QLabel("content", &holder);
  {
    ExportPage page("Title", "about");
    page.add(label, "View", 0, 0);
    CHECK(page.image().size() == kPageSize);
    label->setParent(&holder);
  }
  CHECK(label->text() == QString("content"));
}

TEST_CASE("a picture that cannot be written throws and names the file") {
  const gui::test::Folder folder;
  QImage image(4, 4, QImage::Format_RGB32);
  image.fill(Qt::red);
  write_png(image, folder / "a.png");
  CHECK(QImage(folder / "a.png").pixelColor(0, 0) == QColor(Qt::red));
  CHECK_THROWS_AS(write_png(image, "/nowhere/a.png"), core::OutputError);
}

}  // namespace
}  // namespace bsfa::gui
