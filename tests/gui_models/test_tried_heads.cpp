// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include <catch2/catch.hpp>

#include "gui/models/tried_heads.h"
#include "tests/gui_models/support.h"

using namespace bsfa;
using namespace bsfa::gui;
using test::problem_of;
using test::sequence_of;
using test::wait_until;

namespace {

HeadKey head(std::int64_t h, std::int64_t layer = 0) {
  return {{layer, 0}, h};
}

/// Two layers of three heads in a table that follows thresholds; head 0 of layer 0 is in view.
struct Desk {
  explicit Desk(bool curves = true) {
    std::vector<traces::Sequence> layers;
    for (const std::uint64_t seed : {1U, 2U}) {
      layers.push_back(sequence_of(problem_of(3, 32, 64), seed));
      if (curves) test::add_curves(layers.back());
      layers.back().work = test::records_of(layers.back(), 4);
    }
    test::write_trace(folder / "t.h5", layers);
    file = TraceFile::open(folder / "t.h5").file;
    REQUIRE(file != nullptr);
    table.set_heads(head_figures(*file));
    model.set_file(file);
    model.set_head(head(0), file->read_head(head(0)).arrays);
    follow();
  }
  void follow() {
    REQUIRE(wait_until([&] { return tried.up_to_date() && !model.pending(); }));
    REQUIRE(wait_until([&] { return tried.up_to_date(); }));
  }
  QString text(std::int64_t h, int column, std::int64_t layer = 0) const {
    return table.data(table.index(table.row_of(head(h, layer)), column)).toString();
  }
  QVariant role(std::int64_t h, int column, int of) const {
    return table.data(table.index(table.row_of(head(h)), column), of);
  }

  test::Folder folder;
  std::shared_ptr<const TraceFile> file;
  ThresholdModel model;
  HeadTableModel table;
  TriedHeads tried{model, table};
};

}  // namespace

TEST_CASE("heads out of view carry what is tried, marked, and what the trace has beside it") {
  Desk desk;
  const QString density = desk.text(1, HeadTableModel::kDensity);
  const QString certificate = desk.text(1, HeadTableModel::kCertificate);
  CHECK(desk.text(1, HeadTableModel::kSpeed).endsWith(QStringLiteral("×")));
  CHECK_FALSE(desk.role(1, HeadTableModel::kDensity, kTriedRole).toBool());
  desk.model.set_kind(ThresholdScope::kLayer, head(0), ThresholdChoice::Kind::kDensity, 0.25);
  desk.follow();
  for (const int column : {HeadTableModel::kDensity, HeadTableModel::kRetainedMass,
                           HeadTableModel::kCertificate, HeadTableModel::kSpeed}) {
    CAPTURE(column);
    CHECK(desk.text(1, column).startsWith(QStringLiteral("≈ ")));
    CHECK(desk.text(1, column).endsWith(QLatin1Char(')')));
    CHECK_FALSE(desk.text(0, column).startsWith(QStringLiteral("≈")));
    CHECK(desk.role(0, column, kTriedRole).toBool());
    CHECK(desk.role(1, column, kTriedRole).toBool());
  }
  CHECK(desk.text(1, HeadTableModel::kDensity).endsWith('(' + density + ')'));
  CHECK(desk.role(1, HeadTableModel::kDensity, kOfTraceRole) == density);
  CHECK(desk.role(1, HeadTableModel::kCertificate, kOfTraceRole) == certificate);
  CHECK(desk.role(1, HeadTableModel::kDensity, kValueRole).toDouble() == Approx(0.25).margin(0.02));
  // What was measured stays as it is, and so do heads of other layers.
  CHECK_FALSE(desk.role(1, HeadTableModel::kMethod, kTriedRole).toBool());
  CHECK_FALSE(desk.text(1, HeadTableModel::kMethod).contains('('));
  CHECK_FALSE(desk.text(1, HeadTableModel::kDensity, 1).contains('('));
  CHECK(desk.table.headerData(HeadTableModel::kDensity, Qt::Horizontal, Qt::DisplayRole) ==
        QStringLiteral("density, tried"));
  desk.model.undo_stack().undo();
  desk.follow();
  CHECK(desk.text(1, HeadTableModel::kDensity) == density);
  CHECK(desk.table.headerData(HeadTableModel::kDensity, Qt::Horizontal, Qt::DisplayRole) ==
        QStringLiteral("density"));
}

TEST_CASE("figures of heads go with the layer's thresholds to the bound and back") {
  Desk desk;
  desk.model.set_kind(ThresholdScope::kAll, head(0), ThresholdChoice::Kind::kTopK, 0);
  desk.follow();
  CHECK(desk.text(2, HeadTableModel::kCertificate, 1).contains(QStringLiteral("no bound")));
  CHECK(desk.text(2, HeadTableModel::kDensity, 1).startsWith(QStringLiteral("≈ 0")));
  const HeadFigures& figures = desk.table.heads()[4];
  CHECK(shown_figure(figures, HeadFigure::kDensity).is_tried);
  CHECK(shown_figure(figures, HeadFigure::kDensity).of_trace == figures.density);
  CHECK_FALSE(shown_figure(figures, HeadFigure::kMethod).is_tried);
}

TEST_CASE("heads of which nothing is known under what is tried show no old figure as theirs") {
  Desk desk(false);
  desk.model.set_kind(ThresholdScope::kLayer, head(0), ThresholdChoice::Kind::kDensity, 0.25);
  desk.follow();
  CHECK(desk.role(1, HeadTableModel::kDensity, kTriedRole).toBool());
  CHECK(desk.text(1, HeadTableModel::kDensity).startsWith(QStringLiteral("–")));
  CHECK_FALSE(desk.role(1, HeadTableModel::kDensity, kValueRole).isValid());
  CHECK_FALSE(desk.text(0, HeadTableModel::kDensity).startsWith(QStringLiteral("–")));
}

TEST_CASE("who shows heads hears of each that follows") {
  Desk desk;
  std::set<HeadKey> told;
  QObject::connect(&desk.tried, &TriedHeads::followed, [&](const std::vector<HeadKey>& heads) {
    told.insert(heads.begin(), heads.end());
  });
  desk.model.set_offset(ThresholdScope::kHead, head(2), 0.5);
  desk.follow();
  CHECK(told == std::set{head(2)});
}
