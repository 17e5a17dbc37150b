// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui_views/support.h"

#include <QDir>
#include <QImage>
#include <QMouseEvent>
#include <QPixmap>
#include <QTest>
#include <cstdlib>

#include "tests/support/main.h"

extern "C" int bsfa_before_tests() {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  static int argc = 1;
  static char name[] = "bsfa-test-gui-views";
  static char* argv[] = {name, nullptr};
  static QApplication* const kApplication = new QApplication(argc, argv);
  Q_UNUSED(kApplication);
  bsfa::gui::apply_theme(bsfa::gui::ThemeKind::kDark);
  return 0;
}

namespace bsfa::gui::test {

void show(QWidget& widget, int width, int height) {
  widget.resize(width, height);
  widget.show();
  widget.activateWindow();
  if (!QTest::qWaitForWindowExposed(&widget)) qFatal("a widget was never shown");
  QApplication::processEvents();
}

void use_theme(ThemeKind kind) {
  apply_theme(kind);
  QApplication::processEvents();
}

QImage grab(QWidget& widget) {
  QApplication::processEvents();
  return widget.grab().toImage();
}

void hover(QWidget& widget, const QPoint& at) {
  QMouseEvent event(QEvent::MouseMove, at, widget.mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
  QApplication::sendEvent(&widget, &event);
}

void keep_picture(QWidget& widget, const std::string& name) {
  const QByteArray folder = qgetenv("BSFA_TEST_PICTURES");
  if (folder.isEmpty()) return;
  QDir().mkpath(QString::fromLocal8Bit(folder));
  for (const ThemeKind kind : {ThemeKind::kLight, ThemeKind::kDark}) {
    use_theme(kind);
    const QString suffix =
        kind == ThemeKind::kDark ? QStringLiteral("dark") : QStringLiteral("light");
    grab(widget).save(
        QStringLiteral("%1/%2-%3.png")
            .arg(QString::fromLocal8Bit(folder), QString::fromStdString(name), suffix));
  }
}

int changed_pixels(QWidget& widget, const QImage& before) {
  const QImage now = grab(widget);
  if (now.size() != before.size()) return std::max(now.width() * now.height(), 1);
  int changed = 0;
  for (int y = 0; y < now.height(); ++y) {
    for (int x = 0; x < now.width(); ++x) changed += now.pixel(x, y) != before.pixel(x, y) ? 1 : 0;
  }
  return changed;
}

}  // namespace bsfa::gui::test
