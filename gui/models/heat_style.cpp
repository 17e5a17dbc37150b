// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "gui/models/heat_raster.h"

namespace bsfa::gui {
namespace {

using Fill = ClassLook::Fill;
using Pattern = ClassLook::Pattern;

ClassLook& look_of(HeatStyle& style, TileClass tile) {
  return style.looks[static_cast<std::size_t>(tile)];
}

/// Four flat colours, as kCategoricalContrast spreads 0, 1, 2, 3.
ColorTable four_colors(std::array<QRgb, 4> colors) {
  ColorTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = colors[i / 64];
  return table;
}

/// Places without a value look the same in all fields: flat, and in colours that no map has.
void set_places(HeatStyle& style, bool dark) {
  style.background = dark ? 0xFF15171A : 0xFFFFFFFF;
  look_of(style, TileClass::kOutside) = {Fill::kFlat, Pattern::kNone,
                                         dark ? 0xFF31363D : 0xFFD9DCE1, 0.0};
  look_of(style, TileClass::kNotChecked) = {Fill::kFlat, Pattern::kCross,
                                            dark ? 0xFF1F2226 : 0xFFEFF1F3, 0.3};
  look_of(style, TileClass::kNan) = {Fill::kFlat, Pattern::kCross, 0xFFFF2FD0, 0.8};
  look_of(style, TileClass::kUnwritten) = {Fill::kFlat, Pattern::kCounterHatch, 0xFFE8112D, 0.8};
}

}  // namespace

HeatStyle heat_style(Field field, bool dark, double device_pixel_ratio) {
  HeatStyle style;
  set_places(style, dark);
  style.pattern_width = std::max(1, static_cast<int>(std::lround(device_pixel_ratio)));
  style.pattern_period = 6 * style.pattern_width;
  look_of(style, TileClass::kSkipped) = {Fill::kGrey, Pattern::kHatch, 0, 0.45};
  look_of(style, TileClass::kKept) = {Fill::kValue, Pattern::kNone, 0, 0.0};
  look_of(style, TileClass::kDiagonal) = {Fill::kValue, Pattern::kDots, 0, 0.55};
  switch (field) {
    // These two fields are about the skipped tiles, whose values need all of the map.
    case Field::kMargin:
      style.colors = blue_orange();
      look_of(style, TileClass::kSkipped) = {Fill::kValue, Pattern::kHatch, 0, 0.3};
      break;
    case Field::kLostMass:
      style.colors = viridis();
      look_of(style, TileClass::kSkipped) = {Fill::kValue, Pattern::kHatch, 0, 0.3};
      break;
    case Field::kReferenceMask:
    case Field::kKernelMask:
      style.colors = four_colors({0xFF808080, 0xFF808890, 0xFF56B4E9, 0xFFE69F00});
      break;
    case Field::kDisagreement: {
      const QRgb agree = dark ? 0xFF555C66 : 0xFFB4BAC3;
      style.colors = four_colors({agree, 0xFF56B4E9, 0xFFE69F00, 0xFFCC79A7});
      look_of(style, TileClass::kSkipped).fill = Fill::kValue;
      look_of(style, TileClass::kDiagonal).pattern = Pattern::kNone;
      break;
    }
    default:
      style.colors = viridis();
  }
  return style;
}

}  // namespace bsfa::gui
