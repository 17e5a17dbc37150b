// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "gui/window/compare_window.h"
#include "tests/gui_window/window_support.h"

namespace bsfa::gui {
namespace {

using bsfa::test::becomes;

struct Pair {
  gui::test::Folder folder;
  QString a{folder / "a.h5"}, b{folder / "b.h5"};
  CompareWindow window{nullptr};

  void open() {
    window.show();
    window.open(a, b);
    REQUIRE(becomes([this] { return window.difference().arrays != nullptr; }));
  }
};

TEST_CASE("two runs lie side by side on one scale with their difference") {
  Pair pair;
  bsfa::test::write_sample(pair.a, 1);
  bsfa::test::write_sample(pair.b, 5);
  pair.open();
  CHECK(pair.window.heatmap(0).contrast() == pair.window.heatmap(1).contrast());
  CHECK(pair.window.difference().largest > 0.0F);
  CHECK(pair.window.difference().differing_tiles > 0);
  CHECK(pair.window.heads().count() == 6);
  CHECK(pair.window.figures().rowCount() == 7);
}

TEST_CASE("axes of the compared runs are locked") {
  Pair pair;
  bsfa::test::write_sample(pair.a, 1);
  bsfa::test::write_sample(pair.b, 5);
  pair.open();
  pair.window.heatmap(0).set_view(QRectF(4, 4, 12, 12));
  emit pair.window.heatmap(0).view_changed(pair.window.heatmap(0).viewport().view());
  CHECK(pair.window.heatmap(1).viewport().view() == pair.window.heatmap(0).viewport().view());
  CHECK(pair.window.heatmap(2).viewport().view() == pair.window.heatmap(0).viewport().view());
}

TEST_CASE("a run compared with itself differs nowhere") {
  Pair pair;
  bsfa::test::write_sample(pair.a, 1);
  bsfa::test::write_sample(pair.b, 1);
  pair.open();
  CHECK(pair.window.difference().largest == 0.0F);
  CHECK(pair.window.difference().differing_tiles == 0);
  pair.window.fields().setCurrentIndex(pair.window.fields().count() - 1);
  CHECK(pair.window.difference().field->field == Field::kDisagreement);
}

TEST_CASE("the difference is exact, and one that does not exist says why") {
  const auto problem = gui::test::problem_of(1, 6, 12);
  const HeadArrays a = gui::test::head_of(gui::test::sequence_of(problem, 1), 0);
  HeadArrays b = a;
  (*b.tile_max)[b.index(4, 1)] += 1.5F;
  (*b.mask_kernel)[b.index(5, 2)] = (*b.mask_kernel)[b.index(5, 2)] == 2 ? 1 : 2;
  const Difference found = difference_of(a, b, Field::kTileMax);
  REQUIRE(found.field);
  CHECK(found.largest == Approx(1.5F));
  CHECK(found.differing_tiles == 1);
  CHECK(found.field->value(4, 1) == Approx(1.5F));
  CHECK(found.field->value(5, 2) == 0.0F);
  CHECK(found.field->tile_class(0, 11) == TileClass::kOutside);

  b.k_blocks = 11;
  CHECK_FALSE(difference_of(a, b, Field::kTileMax).obstacle.isEmpty());
  b = a;
  b.tile_mass.reset();
  CHECK_FALSE(difference_of(a, b, Field::kTileMass).obstacle.isEmpty());
}

TEST_CASE("a trace that cannot be compared gives a line in the window") {
  Pair pair;
  bsfa::test::write_sample(pair.a, 1);
  pair.window.show();
  pair.window.open(pair.a, "/nowhere/b.h5");
  CHECK(becomes([&] { return pair.window.message_bar().isVisible(); }));
  CHECK(pair.window.message_bar().text().contains("/nowhere/b.h5"));
}

}  // namespace
}  // namespace bsfa::gui
