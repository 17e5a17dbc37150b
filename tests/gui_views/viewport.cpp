// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "gui/views/tile_viewport.h"

namespace bsfa::gui {
namespace {

TileViewport made() {
  TileViewport viewport;
  viewport.set_area(QRectF(50, 20, 400, 200));
  viewport.set_tiles(QSizeF(200, 100));
  return viewport;
}

TEST_CASE("tiles and pixels map to each other at every zoom") {
  TileViewport viewport = made();
  for (int i = 0; i < 8; ++i) {
    viewport.zoom_at(QPointF(120, 70), 1.3);
    const QPointF tile(31.25, 12.5);
    const QPointF back = viewport.to_tile(viewport.to_pixel(tile));
    CHECK(back.x() == Approx(tile.x()));
    CHECK(back.y() == Approx(tile.y()));
  }
}

TEST_CASE("zooming keeps what is under the pointer there") {
  TileViewport viewport = made();
  const QPointF pixel(300, 150), before = viewport.to_tile(pixel);
  viewport.zoom_at(pixel, 2.0);
  CHECK(viewport.to_tile(pixel).x() == Approx(before.x()));
  CHECK(viewport.to_tile(pixel).y() == Approx(before.y()));
  CHECK(viewport.view().width() == Approx(100.0));
}

TEST_CASE("nothing leads out of the tiles") {
  TileViewport viewport = made();
  viewport.zoom_at(QPointF(60, 30), 4.0);
  viewport.pan(QPointF(1e6, 1e6));
  CHECK(viewport.view().topLeft() == QPointF(0, 0));
  viewport.pan(QPointF(-1e6, -1e6));
  CHECK(viewport.view().bottomRight().x() == Approx(200.0));
  CHECK(viewport.view().bottomRight().y() == Approx(100.0));
  viewport.zoom_at(QPointF(60, 30), 1e-9);
  CHECK(viewport.is_fitted());
}

TEST_CASE("zooming ends at a few tiles and keeps the picture's shape") {
  TileViewport viewport = made();
  for (int i = 0; i < 100; ++i) viewport.zoom_at(QPointF(250, 120), 1.5);
  CHECK(viewport.view().height() == Approx(TileViewport::kLeast));
  CHECK(viewport.view().width() == Approx(2.0 * TileViewport::kLeast));
}

TEST_CASE("a tile out of view is revealed without zooming") {
  TileViewport viewport = made();
  viewport.zoom_at(QPointF(60, 30), 8.0);
  const double width = viewport.view().width();
  CHECK_FALSE(viewport.reveal(QPointF(10, 10)));
  CHECK(viewport.reveal(QPointF(180, 90)));
  CHECK(viewport.view().contains(QRectF(180, 90, 1, 1)));
  CHECK(viewport.view().width() == Approx(width));
}

TEST_CASE("the history of views goes back and forward and forgets what a new view replaces") {
  TileViewport viewport = made();
  const QRectF all = viewport.view();
  viewport.zoom_at(QPointF(60, 30), 2.0);
  viewport.remember();
  const QRectF near = viewport.view();
  REQUIRE(viewport.back());
  CHECK(viewport.view() == all);
  REQUIRE(viewport.forward());
  CHECK(viewport.view() == near);
  CHECK_FALSE(viewport.forward());
  viewport.back();
  viewport.zoom_at(QPointF(400, 200), 2.0);
  viewport.remember();
  CHECK_FALSE(viewport.forward());
}

TEST_CASE("one tile and none are no special cases") {
  TileViewport viewport;
  viewport.set_area(QRectF(0, 0, 100, 100));
  viewport.set_tiles(QSizeF(1, 1));
  viewport.zoom_at(QPointF(50, 50), 3.0);
  CHECK(viewport.view() == QRectF(0, 0, 1, 1));
  viewport.set_tiles(QSizeF(0, 0));
  viewport.zoom_at(QPointF(50, 50), 3.0);
  viewport.pan(QPointF(5, 5));
  CHECK(viewport.view().isEmpty());
}

}  // namespace
}  // namespace bsfa::gui
