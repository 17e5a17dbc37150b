// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/tile_viewport.h"

#include <algorithm>

namespace bsfa::gui {

void TileViewport::set_tiles(QSizeF tiles) {
  if (tiles == tiles_) return;
  tiles_ = tiles;
  fit();
  history_ = History<QRectF>(view_);
}

QPointF TileViewport::to_tile(const QPointF& pixel) const {
  if (area_.isEmpty()) return {-1.0, -1.0};
  return {view_.x() + (pixel.x() - area_.x()) / area_.width() * view_.width(),
          view_.y() + (pixel.y() - area_.y()) / area_.height() * view_.height()};
}

QPointF TileViewport::to_pixel(const QPointF& tile) const {
  if (view_.isEmpty()) return area_.topLeft();
  return {area_.x() + (tile.x() - view_.x()) / view_.width() * area_.width(),
          area_.y() + (tile.y() - view_.y()) / view_.height() * area_.height()};
}

QRectF TileViewport::to_pixel(const QRectF& tiles) const {
  return {to_pixel(tiles.topLeft()), to_pixel(tiles.bottomRight())};
}

void TileViewport::zoom_at(const QPointF& pixel, double factor) {
  const QPointF fixed = to_tile(pixel);
  const double least_x = std::min(kLeast, tiles_.width()) / std::max(view_.width(), 1e-9);
  const double least_y = std::min(kLeast, tiles_.height()) / std::max(view_.height(), 1e-9);
  // One factor for both, so that the picture keeps its shape at the limit.
  const double scale = std::max({1.0 / factor, std::min(least_x, 1.0), std::min(least_y, 1.0)});
  view_ = QRectF(fixed.x() - (fixed.x() - view_.x()) * scale,
                 fixed.y() - (fixed.y() - view_.y()) * scale, view_.width() * scale,
                 view_.height() * scale);
  clamp();
}

void TileViewport::pan(const QPointF& pixels) {
  if (area_.isEmpty()) return;
  view_.translate(-pixels.x() / area_.width() * view_.width(),
                  -pixels.y() / area_.height() * view_.height());
  clamp();
}

void TileViewport::fit() {
  view_ = QRectF(QPointF(0, 0), tiles_);
}

void TileViewport::show(const QRectF& tiles) {
  view_ = tiles;
  clamp();
}

bool TileViewport::reveal(const QPointF& tile) {
  const QRectF before = view_;
  const auto moved = [](double low, double size, double at) {
    if (at < low) return at;
    return at + 1.0 > low + size ? at + 1.0 - size : low;
  };
  view_.moveTo(moved(view_.x(), view_.width(), tile.x()),
               moved(view_.y(), view_.height(), tile.y()));
  clamp();
  return view_ != before;
}

void TileViewport::clamp() {
  const double width = std::clamp(view_.width(), std::min(kLeast, tiles_.width()), tiles_.width());
  const double height =
      std::clamp(view_.height(), std::min(kLeast, tiles_.height()), tiles_.height());
  view_ = QRectF(std::clamp(view_.x(), 0.0, tiles_.width() - width),
                 std::clamp(view_.y(), 0.0, tiles_.height() - height), width, height);
}

void TileViewport::remember(bool replace) {
  replace ? history_.replace(view_) : history_.visit(view_);
}

bool TileViewport::back() {
  if (!history_.can_go_back()) return false;
  view_ = history_.back();
  return true;
}

bool TileViewport::forward() {
  if (!history_.can_go_forward()) return false;
  view_ = history_.forward();
  return true;
}

}  // namespace bsfa::gui
