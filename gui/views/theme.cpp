// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontMetrics>
#include <QStyleFactory>
#include <QToolTip>
#include <QWidget>
#include <algorithm>
#include <cmath>

#include "gui/models/color_map.h"

namespace bsfa::gui {
namespace {

QColor rgb(unsigned value) {
  return QColor::fromRgb(QRgb{0xFF000000U | value});
}

Theme dark() {
  Theme made;
  made.kind = ThemeKind::kDark;
  made.window = rgb(0x2A2D32), made.panel = rgb(0x1D1F23), made.canvas = rgb(0x131518);
  made.stripe = rgb(0x24272C), made.button = rgb(0x373B42);
  made.text = rgb(0xE8EAED), made.muted = rgb(0xA9B1BA), made.link = rgb(0x63B8F5);
  made.border = rgb(0x454C55), made.grid = rgb(0x2B3036);
  made.selection = rgb(0x56B4E9), made.crosshair = rgb(0xFFFFFF);
  made.good = rgb(0x72D083), made.warning = rgb(0xF2B84B), made.bad = rgb(0xFF8A80);
  made.threshold = rgb(0xFF8C61);
  made.errors = {rgb(0x56B4E9), rgb(0xF2B84B), rgb(0xE88FC0)};
  made.series = {rgb(0x56B4E9), rgb(0xE69F00), rgb(0x2FBF93),
                 rgb(0xE88FC0), rgb(0xF0E442), rgb(0xFF8C61)};
  return made;
}

Theme light() {
  Theme made;
  made.kind = ThemeKind::kLight;
  made.window = rgb(0xF0F2F4), made.panel = rgb(0xFFFFFF), made.canvas = rgb(0xFFFFFF);
  made.stripe = rgb(0xF5F6F8), made.button = rgb(0xFBFCFD);
  made.text = rgb(0x1B1E22), made.muted = rgb(0x565D65), made.link = rgb(0x0A62AD);
  made.border = rgb(0xC3C9D0), made.grid = rgb(0xE4E7EB);
  made.selection = rgb(0x0072B2), made.crosshair = rgb(0x101214);
  made.good = rgb(0x17702F), made.warning = rgb(0x855400), made.bad = rgb(0xBF2424);
  made.threshold = rgb(0xBD3F0C);
  made.errors = {rgb(0x0072B2), rgb(0x8F5E00), rgb(0xA8447D)};
  made.series = {rgb(0x0072B2), rgb(0xA66A00), rgb(0x007A59),
                 rgb(0xA8447D), rgb(0x6E6600), rgb(0xBD3F0C)};
  return made;
}

}  // namespace

const Theme& theme(ThemeKind kind) {
  static const Theme kDarkTheme = dark(), kLightTheme = light();
  return kind == ThemeKind::kDark ? kDarkTheme : kLightTheme;
}

const Theme& theme_of(const QWidget& widget) {
  const bool is_dark = luminance(widget.palette().color(QPalette::Window).rgb()) < 0.18;
  return theme(is_dark ? ThemeKind::kDark : ThemeKind::kLight);
}

QPalette palette_of(const Theme& from) {
  QPalette made;
  const auto set = [&](QPalette::ColorRole role, const QColor& color) {
    made.setColor(role, color);
  };
  set(QPalette::Window, from.window), set(QPalette::Base, from.panel);
  set(QPalette::AlternateBase, from.stripe), set(QPalette::Button, from.button);
  set(QPalette::WindowText, from.text), set(QPalette::Text, from.text);
  set(QPalette::ButtonText, from.text), set(QPalette::BrightText, from.bad);
  set(QPalette::ToolTipBase, from.panel), set(QPalette::ToolTipText, from.text);
  set(QPalette::PlaceholderText, from.muted), set(QPalette::Link, from.link);
  set(QPalette::LinkVisited, from.link), set(QPalette::Highlight, from.link);
  set(QPalette::HighlightedText,
      from.kind == ThemeKind::kDark ? QColor(Qt::black) : QColor(Qt::white));
  set(QPalette::Light, from.border), set(QPalette::Midlight, from.border);
  set(QPalette::Mid, from.border), set(QPalette::Dark, from.border);
  set(QPalette::Shadow, from.kind == ThemeKind::kDark ? QColor(Qt::black) : from.border);
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
    made.setColor(QPalette::Disabled, role, from.muted);
  }
  return made;
}

void apply_theme(ThemeKind kind) {
  const Theme& chosen = theme(kind);
  QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
  QApplication::setPalette(palette_of(chosen));
  QToolTip::setPalette(palette_of(chosen));
}

QFont small_font(const QWidget& widget) {
  QFont font = widget.font();
  if (font.pointSizeF() > 0) {
    font.setPointSizeF(font.pointSizeF() * 0.88);
  } else {
    font.setPixelSize(std::max(1, font.pixelSize() * 22 / 25));
  }
  return font;
}

QFont command_font(const QWidget& widget) {
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  if (widget.font().pointSizeF() > 0) {
    font.setPointSizeF(widget.font().pointSizeF());
  } else {
    font.setPixelSize(widget.font().pixelSize());
  }
  return font;
}

int em(const QWidget& widget, double count) {
  return static_cast<int>(std::lround(QFontMetrics(widget.font()).height() * count));
}

}  // namespace bsfa::gui
