// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>
#include <optional>

#include "gui/models/history.h"

namespace bsfa::gui {

/// Which tiles are seen where on a widget: x counts columns, y rows, both in tiles.
///
/// The view never leaves the tiles and never shows less than kLeast of them a side, so that nobody
/// gets lost. Both directions zoom together.
class TileViewport {
 public:
  static constexpr double kLeast = 4.0;

  /// Tiles there are, and where on the widget they are drawn. A change of tiles fits.
  void set_tiles(QSizeF tiles);
  void set_area(const QRectF& area) { area_ = area; }

  const QRectF& view() const { return view_; }
  const QRectF& area() const { return area_; }
  QSizeF tiles() const { return tiles_; }
  bool is_fitted() const { return view_ == QRectF(QPointF(0, 0), tiles_); }

  QPointF to_tile(const QPointF& pixel) const;
  QPointF to_pixel(const QPointF& tile) const;
  QRectF to_pixel(const QRectF& tiles) const;

  /// Factors above 1 show less. What is under the pixel stays there.
  void zoom_at(const QPointF& pixel, double factor);
  void pan(const QPointF& pixels);
  void fit();
  /// Shows these tiles, within the limits.
  void show(const QRectF& tiles);
  /// Moves, without zooming, until the tile is seen; false where it was.
  bool reveal(const QPointF& tile);

  /// The view now is a place to come back to; `replace`: the last such place moves here instead.
  void remember(bool replace = false);
  bool back();
  bool forward();

 private:
  void clamp();

  QSizeF tiles_{0, 0};
  QRectF view_{0, 0, 0, 0}, area_{0, 0, 0, 0};
  History<QRectF> history_{QRectF()};
};

}  // namespace bsfa::gui
