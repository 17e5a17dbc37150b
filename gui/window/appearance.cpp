// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/appearance.h"

#include <QApplication>
#include <QFont>
#include <QPalette>

namespace bsfa::gui {
namespace {

/// Before any theme of ours was applied.
bool desktop_is_dark() {
  static const bool dark = QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
  return dark;
}

double desktop_point_size() {
  static const double size = [] {
    const double points = QApplication::font().pointSizeF();
    return points > 0.0 ? points : 9.0;
  }();
  return size;
}

}  // namespace

ThemeKind theme_named(const QString& name) {
  if (name == QStringLiteral("dark")) return ThemeKind::kDark;
  if (name == QStringLiteral("light")) return ThemeKind::kLight;
  return desktop_is_dark() ? ThemeKind::kDark : ThemeKind::kLight;
}

void apply_appearance(const QString& theme, int font_percent) {
  const double points = desktop_point_size();
  const ThemeKind kind = theme_named(theme);
  QFont font = QApplication::font();
  font.setPointSizeF(points * font_percent / 100.0);
  QApplication::setFont(font);
  apply_theme(kind);
}

}  // namespace bsfa::gui
