// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QScreen>
#include <cstdio>

#include "gui/window/appearance.h"
#include "tests/gui_window/window_support.h"

namespace {

int fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  return 1;
}

}  // namespace

/// smoke SCREENSHOT: opens a trace in a window of the X server at hand, clicks, and keeps what the
/// screen shows.
int main(int argc, char* argv[]) {
  using bsfa::test::becomes;
  if (argc != 2) return fail("one argument is needed");
  qputenv("QT_QPA_PLATFORM", "xcb");
  const QApplication application(argc, argv);
  bsfa::gui::apply_appearance(QStringLiteral("dark"), 100);
  const bsfa::gui::test::Folder folder;
  const QString trace = folder / "sample.h5";
  bsfa::test::write_sample(trace);
  QSettings store(folder / "viewer.ini", QSettings::IniFormat);
  bsfa::gui::ViewerSettings settings(store);

  bsfa::gui::MainWindow window(settings);
  window.show();
  if (!QTest::qWaitForWindowExposed(&window)) return fail("the window was never shown");
  window.open(trace);
  const auto settled = [&] {
    return window.workspace().file() && !window.opener().busy() && window.workspace().settled();
  };
  if (!becomes(settled)) return fail("the trace was never opened");
  QWidget& heatmap = window.views().head->heatmap();
  QTest::mouseClick(&heatmap, Qt::LeftButton, Qt::NoModifier, heatmap.rect().center());
  QTest::qWait(300);
  const auto block = window.workspace().selection().current().k_block;
  if (block < 0) return fail("the click selected no tile");
  const QPixmap screen = QGuiApplication::primaryScreen()->grabWindow(0);
  if (!screen.save(QString::fromLocal8Bit(argv[1]))) return fail("no screenshot");
  window.close();
  std::printf("selected K block %lld; %d x %d pixels\n", static_cast<long long>(block),
              screen.width(), screen.height());
  return 0;
}
