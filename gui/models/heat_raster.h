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
  QRgb flat = 0;
  QRgb ink = 0;  ///< of the pattern; its alpha says how much it covers
};

/// Colours and patterns of a heatmap.
struct HeatStyle {
  ColorTable colors;
  std::array<ClassLook, kTileClasses> looks;  ///< by TileClass
  QRgb background = 0;                        ///< where there are no tiles
  int pattern_period = 6;                     ///< device pixels from line to line
};

/// The usual look of a field in a light or a dark theme: skipped tiles are hatched and grey at
/// their value's luminance, diagonal ones dotted, outside flat and unlike the background, NaN and
/// unwritten in colours that no map has.
HeatStyle heat_style(Field field, bool dark);

/// What to draw: the tiles of `view` (x: columns, y: rows, in tiles of level 0, fractions and
/// places beyond the edge allowed) on so many device pixels.
struct HeatView {
  QRectF view;
  QSize pixels;
  Contrast contrast;
};

/// Draws a field without text. A pixel that covers several tiles shows the largest value and
/// class among those whose corner it holds, so that every tile is in exactly one pixel and none is
/// lost; a pixel within a tile shows that tile. Patterns lie on device pixels and do not scale.
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
