// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/theme.h"

#include <catch2/catch.hpp>

#include "gui/models/color_map.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

double contrast(const QColor& one, const QColor& other) {
  return contrast_ratio(one.rgb(), other.rgb());
}

TEST_CASE("every text colour of both themes can be read on every background") {
  for (const ThemeKind kind : {ThemeKind::kLight, ThemeKind::kDark}) {
    const Theme& colors = theme(kind);
    for (const QColor& background :
         {colors.window, colors.panel, colors.canvas, colors.stripe, colors.button}) {
      CAPTURE(background.name().toStdString());
      for (const QColor& text : {colors.text, colors.muted, colors.link, colors.good,
                                 colors.warning, colors.bad, colors.threshold}) {
        CAPTURE(text.name().toStdString());
        CHECK(contrast(text, background) >= 4.5);
      }
    }
  }
}

TEST_CASE("every colour that carries meaning stands out from the canvas") {
  for (const ThemeKind kind : {ThemeKind::kLight, ThemeKind::kDark}) {
    const Theme& colors = theme(kind);
    for (const QColor& color : colors.errors) CHECK(contrast(color, colors.canvas) >= 4.5);
    for (const QColor& color : colors.series) CHECK(contrast(color, colors.canvas) >= 3.0);
    CHECK(contrast(colors.selection, colors.canvas) >= 3.0);
  }
}

TEST_CASE("selected text can be read in both palettes") {
  for (const ThemeKind kind : {ThemeKind::kLight, ThemeKind::kDark}) {
    const QPalette made = palette_of(theme(kind));
    CHECK(contrast(made.color(QPalette::HighlightedText), made.color(QPalette::Highlight)) >= 4.5);
    CHECK(contrast(made.color(QPalette::Disabled, QPalette::Text),
                   made.color(QPalette::Disabled, QPalette::Base)) >= 4.5);
  }
}

TEST_CASE("a widget knows its theme from the palette it inherits") {
  test::use_theme(ThemeKind::kLight);
  QWidget widget;
  CHECK(theme_of(widget).kind == ThemeKind::kLight);
  test::use_theme(ThemeKind::kDark);
  CHECK(theme_of(widget).kind == ThemeKind::kDark);
}

TEST_CASE("small and fixed fonts follow a font of twice the size") {
  QWidget widget;
  const double small = small_font(widget).pointSizeF(), fixed = command_font(widget).pointSizeF();
  const int line = em(widget);
  QFont twice = widget.font();
  twice.setPointSizeF(twice.pointSizeF() * 2.0);
  widget.setFont(twice);
  CHECK(small_font(widget).pointSizeF() == Approx(2.0 * small));
  CHECK(command_font(widget).pointSizeF() == Approx(2.0 * fixed));
  CHECK(em(widget) >= 2 * line - 2);
}

}  // namespace
}  // namespace bsfa::gui
