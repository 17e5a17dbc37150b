// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "gui/models/head_tree.h"
#include "gui/models/table_text.h"
#include "tests/gui_models/support.h"

using namespace bsfa;
using namespace bsfa::gui;

namespace {

HeadFigures figures(std::int64_t layer, std::int64_t head, double density, double method,
                    std::int64_t violations = 0) {
  HeadFigures out;
  out.key = {{layer, 0}, head};
  out.density = density;
  out.retained_mass = 1.0 - method;
  out.arithmetic = 0.25;
  out.ties = 1;
  out.violations = violations;
  out.method = method;
  return out;
}

/// Layer 3 with three heads, layer 8 with two, of which the second fails.
struct Tree {
  HeadTableModel table;
  HeadFilter heads;
  HeadTreeModel model{table};
  HeadTreeFilter shown{model, heads};

  Tree() {
    heads.setSourceModel(&table);
    table.set_heads({figures(3, 0, 0.1, 0.02), figures(3, 1, 0.3, 0.5), figures(3, 2, 0.2, 0.1),
                     figures(8, 0, 0.4, 0.9), figures(8, 1, 0.6, 0.01, 2)});
    model.set_run("t.h5");
  }
  QModelIndex layer(int row) const { return model.index(row, 0, model.index(0, 0)); }
  QString text(const QModelIndex& at, int column) const {
    return at.siblingAtColumn(column).data().toString();
  }
  std::vector<QString> names(const QModelIndex& parent) const {
    std::vector<QString> out;
    for (int row = 0; row < shown.rowCount(parent); ++row)
      out.push_back(shown.index(row, 0, parent).data().toString());
    return out;
  }
  QModelIndex run() const { return shown.index(0, 0); }
};

using Names = std::vector<QString>;

}  // namespace

TEST_CASE("heads lie under their layer, and layers under the run") {
  const Tree made;
  REQUIRE(made.model.rowCount() == 1);
  CHECK(made.model.index(0, 0).data() == "t.h5");
  REQUIRE(made.model.rowCount(made.model.index(0, 0)) == 2);
  CHECK(made.layer(1).data() == "layer 8");
  CHECK(made.model.rowCount(made.layer(0)) == 3);
  const QModelIndex head = made.model.index_of({{8, 0}, 1});
  CHECK(head.data() == "head 1");
  CHECK(head.parent() == made.layer(1));
  CHECK(head.parent().parent() == made.model.index(0, 0));
  CHECK(made.model.rowCount(head) == 0);
  CHECK(made.model.key_at(head) == HeadKey{{8, 0}, 1});
  CHECK_FALSE(made.model.index_of({{8, 0}, 7}).isValid());
  CHECK_FALSE(made.model.key_at({}).has_value());
}

TEST_CASE("a layer sums up its heads, and says which of them is the worst") {
  const Tree made;
  CHECK(made.text(made.layer(0), HeadTreeModel::kDensity) == "20.00 %");
  CHECK(made.text(made.layer(0), HeadTreeModel::kTies) == "3");
  CHECK(made.text(made.layer(0), HeadTreeModel::kMethod) == "0.5");
  CHECK(made.text(made.layer(1), HeadTreeModel::kViolations) == "2");
  CHECK(made.text(made.layer(1), HeadTreeModel::kImbalance) == QString::fromUtf8("–"));
  CHECK(made.model.key_at(made.layer(0)) == HeadKey{{3, 0}, 1});
  CHECK(made.model.key_at(made.layer(1)) == HeadKey{{8, 0}, 1});
  CHECK_FALSE(made.layer(0).data(Qt::UserRole).toBool());
  CHECK(made.layer(1).data(Qt::UserRole).toBool());
  CHECK(made.model.key_at(made.model.index(0, 0)) == HeadKey{{8, 0}, 1});
}

TEST_CASE("what is counted later reaches the layer's row and the run's") {
  Tree made;
  CHECK(made.text(made.layer(0), HeadTreeModel::kDensity) == "20.00 %");
  int told = 0;
  QObject::connect(&made.model, &QAbstractItemModel::dataChanged, [&] { ++told; });
  made.table.set_density({{3, 0}, 0}, 0.4);
  CHECK(made.text(made.model.index_of({{3, 0}, 0}), HeadTreeModel::kDensity) == "40.00 %");
  CHECK(made.text(made.layer(0), HeadTreeModel::kDensity) == "30.00 %");
  CHECK(made.text(made.model.index(0, 0), HeadTreeModel::kDensity) == "38.00 %");
  CHECK(told >= 3);
}

TEST_CASE("layers sum up what thresholds being tried would do, and say where that is approximate") {
  Tree made;
  TriedFigures tried;
  tried.density = 0.7, tried.retained_mass = 0.9, tried.approximate = true;
  made.table.set_tried({{{{3, 0}, 0}, tried}});
  CHECK(made.text(made.model.index_of({{3, 0}, 0}), HeadTreeModel::kDensity)
            .startsWith(QString::fromUtf8("≈")));
  CHECK(made.text(made.layer(0), HeadTreeModel::kDensity) == QString::fromUtf8("≈ 40.00 %"));
  CHECK(made.text(made.layer(1), HeadTreeModel::kDensity) == "50.00 %");
  made.table.set_tried({{{{3, 0}, 0}, std::nullopt}});
  CHECK(made.text(made.layer(0), HeadTreeModel::kDensity) == "20.00 %");
}

TEST_CASE("each level sorts by a column, and worst heads come first where that is asked for") {
  Tree made;
  made.shown.sort(HeadTreeModel::kDensity, Qt::DescendingOrder);
  CHECK(made.names(made.run()) == Names{"layer 8", "layer 3"});
  CHECK(made.names(made.shown.index(1, 0, made.run())) == Names{"head 1", "head 2", "head 0"});
  made.shown.sort_worst_first();
  CHECK(made.names(made.run()) == Names{"layer 8", "layer 3"});
  CHECK(made.names(made.shown.index(0, 0, made.run())) == Names{"head 1", "head 0"});
  CHECK(made.names(made.shown.index(1, 0, made.run())) == Names{"head 1", "head 2", "head 0"});
  made.shown.sort(HeadTreeModel::kName, Qt::AscendingOrder);
  CHECK(made.names(made.run()) == Names{"layer 3", "layer 8"});
  CHECK(made.names(made.shown.index(0, 0, made.run())) == Names{"head 0", "head 1", "head 2"});
}

TEST_CASE("a filter of heads leaves the layers that have one, and takes nothing from the figures") {
  Tree made;
  made.shown.set_text("fail");
  CHECK(made.names(made.run()) == Names{"layer 8"});
  CHECK(made.names(made.shown.index(0, 0, made.run())) == Names{"head 1"});
  made.shown.set_text("density<0.25");
  CHECK(made.names(made.run()) == Names{"layer 3"});
  CHECK(made.names(made.shown.index(0, 0, made.run())) == Names{"head 0", "head 2"});
  CHECK(made.text(made.layer(0), HeadTreeModel::kDensity) == "20.00 %");
  made.shown.set_text("nonsense");
  CHECK(made.shown.rowCount() == 0);
  made.shown.set_text(" ");
  CHECK(made.names(made.run()).size() == 2);
}

TEST_CASE("a NaN is the worst of a layer, and a tree without heads is empty") {
  Tree made;
  HeadFigures broken = figures(3, 0, 0.1, 0.02);
  broken.arithmetic = std::numeric_limits<double>::quiet_NaN();
  made.table.set_heads({figures(3, 1, 0.1, 0.5), broken});
  CHECK(made.text(made.layer(0), HeadTreeModel::kArithmetic) == "NaN");
  CHECK(made.model.key_at(made.layer(0)) == HeadKey{{3, 0}, 0});
  made.table.set_heads({});
  CHECK(made.model.rowCount() == 0);
  CHECK(made.shown.rowCount() == 0);
}

TEST_CASE("ten thousand heads are summed up, ranked and filtered in no time") {
  Tree made;
  std::vector<HeadFigures> heads;
  for (std::int64_t i = 0; i < 10000; ++i)
    heads.push_back(figures(i / 100, i % 100, 0.5, static_cast<double>(i % 97) / 100.0));
  const double ms = test::best_ms(
      [&] {
        made.table.set_heads(heads);
        made.shown.sort_worst_first();
        made.text(made.model.index(0, 0), HeadTreeModel::kMethod);
        made.shown.set_text("method>0.9");
      },
      1);
  CAPTURE(ms);
  CHECK(ms < 3000.0);
}
