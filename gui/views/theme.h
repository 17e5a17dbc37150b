// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <array>

class QWidget;

namespace bsfa::gui {

enum class ThemeKind { kLight, kDark };

/// Every colour that views paint with, apart from those of the data.
///
/// Text colours have a contrast of at least 4.5 to 1 on window, panel and canvas; lines that carry
/// meaning at least 3 to 1 (WCAG 2.1, 1.4.3 and 1.4.11).
struct Theme {
  ThemeKind kind = ThemeKind::kDark;
  QColor window, panel, canvas, stripe, button;  ///< backgrounds
  QColor text, muted, link;                      ///< text
  QColor border, grid;                           ///< lines without meaning
  QColor selection, crosshair;                   ///< frames and lines over data
  QColor good, warning, bad;                     ///< verdicts and severities, as text
  QColor threshold;                              ///< τ wherever it is drawn
  std::array<QColor, 3> errors;                  ///< arithmetic, gating, method
  std::array<QColor, 6> series;                  ///< curves of a plot, in order
};

const Theme& theme(ThemeKind kind);
/// That of the palette a widget inherited, so that views need no global state.
const Theme& theme_of(const QWidget& widget);
QPalette palette_of(const Theme& theme);
/// Fusion style and palette of the application. No style sheet: it would override the palettes of
/// single widgets.
void apply_theme(ThemeKind kind);

/// The widget's font a step smaller, for ticks and notes; scales with it.
QFont small_font(const QWidget& widget);
/// A font of fixed pitch in the widget's size, for commands.
QFont command_font(const QWidget& widget);
/// Device-independent length that grows with the font: 1 em is the height of its line.
int em(const QWidget& widget, double count = 1.0);

}  // namespace bsfa::gui
