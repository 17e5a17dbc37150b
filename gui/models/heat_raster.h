// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include <QtCore/QRectF>
#include <QtCore/QSize>
#include <QtGui/QImage>

#include "gui/models/color_map.h"
#include "gui/models/tile_field.h"

namespace bsfa::gui {

/// How one class of tiles looks.
struct ClassLook {
  enum class Fill : std::uint8_t {
    kValue,  ///< the colour of the value
    kGrey,   ///< grey of the same luminance as the colour of the value
    kFlat,   ///< `flat`, whatever the value
  };
  enum class Pattern : std::uint8_t { kNone, kHatch, kCounterHatch, kCross, kDots };
  Fill fill = Fill::kValue;
  Pattern pattern = Pattern::kNone;
  QRgb flat = 0xFF000000;
  double ink = 0.6;  ///< how far lines go towards black or white, whichever is farther: 0 to 1
};

/// Colours and patterns of a heatmap. Periods and widths of lines are device pixels.
struct HeatStyle {
  ColorTable colors{};
  std::array<ClassLook, kTileClasses> looks{};  ///< by TileClass
  QRgb background = 0xFF000000;                 ///< where there are no tiles
  int pattern_period = 6;
  int pattern_width = 1;
};

/// The usual look of a field in a light or a dark theme, on a screen of so many device pixels to a
/// point: skipped tiles are hatched, and grey at their value's luminance unless the field is about
/// them (margin, lost mass); diagonal ones are dotted, outside is flat and unlike the background,
/// NaN and codes that do not exist have colours that no map has.
HeatStyle heat_style(Field field, bool dark, double device_pixel_ratio = 1.0);

/// What to draw: the tiles of `view` (x: columns, y: rows, in tiles of level 0, fractions and
/// places beyond the edge allowed) on so many device pixels.
struct HeatView {
  QRectF view;
  QSize pixels;
  Contrast contrast;
};

/// The scale of fields that are a few kinds of things; render_heat uses it for them whatever the
/// view says.
inline constexpr Contrast kCategoricalContrast{0.0, 4.0, false};

/// Draws a field without text. A pixel that covers several tiles shows the largest value and class
/// among them; every tile in view belongs to exactly one pixel, so that none is lost and none is
/// shown twice. A pixel within a tile shows that tile. Patterns lie on device pixels and do not
/// scale.
///
/// Shapes  RGB32 of view.pixels; a null image where those are empty.
/// Cost    proportional to pixels, whatever the number of tiles: under 16 ms for 1440 x 900.
QImage render_heat(const TileField& field, const HeatView& view, const HeatStyle& style);

/// The level that render_heat draws from: 0 where a pixel covers less than two tiles of level 0 in
/// either direction. Beyond 0 the picture is pooled, which views say.
int level_for(const TileField& field, const HeatView& view);
/// Whether some pixel stands for more than one tile.
bool is_pooled(const HeatView& view);

/// A piece of the look of one class for a legend, at the value in the middle of the map.
QImage render_look(TileClass tile, const HeatStyle& style, QSize pixels);

}  // namespace bsfa::gui
