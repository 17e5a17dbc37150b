// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QFile>
#include <QGuiApplication>
#include <numeric>

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

TEST_CASE("tiles of one head never stand under the name of another, and the view outlives them") {
  Pair pair;
  bsfa::test::write_sample(pair.a, 1);
  bsfa::test::write_sample(pair.b, 5);
  pair.open();
  const QRectF near(4, 4, 12, 6);
  pair.window.heatmap(0).set_view(near);
  const QRectF seen = pair.window.heatmap(0).viewport().view();
  const auto before = pair.window.heatmap(0).head();
  const int next = (pair.window.heads().currentIndex() + 1) % pair.window.heads().count();
  pair.window.heads().setCurrentIndex(next);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(pair.window.heatmap(i).head());
  CHECK_FALSE(pair.window.difference().arrays);
  REQUIRE(becomes([&] { return pair.window.difference().arrays != nullptr; }));
  CHECK(pair.window.heatmap(0).head() != before);
  for (int i = 0; i < 3; ++i) CHECK(pair.window.heatmap(i).viewport().view() == seen);
}

TEST_CASE("a comparison begins at the head and the tile of the first link that names one") {
  const bool first_names = GENERATE(true, false);
  Pair pair;
  bsfa::test::write_sample(pair.a, 1);
  bsfa::test::write_sample(pair.b, 5);
  (first_names ? pair.a : pair.b) += "#L1/H2/Q5/K6";
  pair.open();
  CHECK(pair.window.heads().currentIndex() == 5);
  const Selection& place = pair.window.selection().current();
  CHECK(place.q_block == 5);
  CHECK(place.k_block == 6);
}

TEST_CASE("equal values are counted, and so are those of the run that has any") {
  const std::vector<float> equal(7, 2.5F), none(3, std::numeric_limits<float>::quiet_NaN());
  const auto total = [](const HistogramSeries& one) {
    return std::accumulate(one.counts.begin(), one.counts.end(), 0.0);
  };
  const auto both = histograms_of(equal, equal);
  REQUIRE(both.size() == 2);
  CHECK(total(both[0]) == 7.0);
  CHECK(total(both[1]) == 7.0);
  CHECK(both[0].low < 2.5);
  CHECK(both[0].high > 2.5);
  const auto one = histograms_of(none, equal);
  REQUIRE(one.size() == 2);
  CHECK(total(one[0]) == 0.0);
  CHECK(total(one[1]) == 7.0);
  // 0, which an empty run seems to have, is no value of either.
  CHECK(one[0].low > 1.0);
  CHECK(histograms_of(none, none).empty());
}

TEST_CASE("the figures of both runs are saved and copied in full") {
  Pair pair;
  bsfa::test::write_sample(pair.a, 1);
  bsfa::test::write_sample(pair.b, 5);
  pair.open();
  const QString csv = pair.folder / "c.csv";
  REQUIRE(pair.window.save_figures(csv) == QString());
  QFile file(csv);
  REQUIRE(file.open(QIODevice::ReadOnly));
  const QStringList lines = QString::fromUtf8(file.readAll()).split("\r\n", Qt::SkipEmptyParts);
  REQUIRE(lines.size() == 8);
  CHECK(lines[0] == QString("of this head,A,B,B − A"));
  const QStringList cells = lines[2].split(',');
  REQUIRE(cells.size() == 4);
  CHECK(cells[0] == QString("retained mass"));
  Workspace& run = pair.window.run(0);
  const auto row = static_cast<std::size_t>(run.heads().row_of(run.head_key()));
  CHECK(cells[1].toDouble() == run.heads().heads()[row].retained_mass);
  CHECK(cells[3].toDouble() == Approx(cells[2].toDouble() - cells[1].toDouble()));
  pair.window.figures().setFocus();
  QTest::keyClick(&pair.window.figures(), Qt::Key_C, Qt::ControlModifier);
  CHECK(QGuiApplication::clipboard()->text().startsWith("of this head\tA\tB"));
  CHECK(pair.window.save_figures("/nowhere/c.csv").contains("/nowhere/c.csv"));
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
