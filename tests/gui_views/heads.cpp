// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QTreeView>

#include <catch2/catch.hpp>

#include "gui/views/head_list.h"
#include "gui/views/head_tree_panel.h"
#include "gui/views/table_panel.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

/// Three layers of four heads; head 2 of layer 6 fails, head 1 of layer 2 costs most of the rest.
std::vector<HeadFigures> twelve_heads() {
  std::vector<HeadFigures> heads;
  for (std::int64_t layer : {2, 4, 6}) {
    for (std::int64_t head = 0; head < 4; ++head) {
      HeadFigures one;
      one.key = {{layer, 0}, head};
      one.density = 0.2 + 0.05 * static_cast<double>(head);
      one.retained_mass = 0.99 - 0.01 * static_cast<double>(head);
      one.arithmetic = 0.3, one.ties = head, one.violations = 0;
      one.method = 0.01 * static_cast<double>(layer);
      one.imbalance = 1.0 + 0.02 * static_cast<double>(head);
      heads.push_back(one);
    }
  }
  heads[1].method = 0.9;
  heads[10].violations = 3;
  return heads;
}

struct Listed {
  HeadTableModel model;
  SelectionModel selection;
  HeadList list{model, selection};

  Listed() {
    model.set_heads(twelve_heads());
    test::show(list, 420, 460);
    Selection first;
    first.run = QStringLiteral("/tmp/moby_dick.h5"), first.layer = 2;
    selection.select(first);
  }
  QTreeView& tree() const { return list.tree().tree(); }
  /// The middle of what is drawn of a head's row.
  QPoint place(std::int64_t layer, std::int64_t head) const {
    const QModelIndex at =
        list.tree().shown().mapFromSource(list.tree().model().index_of({{layer, 0}, head}));
    return tree().visualRect(at).center();
  }
  HeadKey now() const { return selection.current().head_key(); }
  QString current_text() const {
    return tree().currentIndex().siblingAtColumn(0).data().toString();
  }
};

TEST_CASE("a click on a head of the tree selects it everywhere") {
  Listed made;
  QTest::mouseClick(made.tree().viewport(), Qt::LeftButton, {}, made.place(4, 3));
  CHECK(made.now() == HeadKey{{4, 0}, 3});
  CHECK(made.list.table().table().currentIndex().row() == 7);
  test::keep_picture(made.list, "heads-tree");
}

TEST_CASE("a head that is selected elsewhere is shown in the tree") {
  Listed made;
  made.selection.select_head({{6, 0}, 1});
  CHECK(made.current_text() == QStringLiteral("head 1"));
  CHECK(made.tree().currentIndex().parent().data().toString() == QStringLiteral("layer 6"));
  CHECK(made.tree().model()->index(0, 0).data().toString() == QStringLiteral("moby_dick.h5"));
}

TEST_CASE("the worst head is one click away, with the next worst below it") {
  Listed made;
  const QSignalSpy changed(&made.selection, &SelectionModel::changed);
  QTest::mouseClick(&made.list.tree().worst_button(), Qt::LeftButton);
  CHECK(made.now() == HeadKey{{6, 0}, 2});
  CHECK(changed.count() == 1);
  CHECK(made.tree().currentIndex().row() == 0);
  test::keep_picture(made.list, "heads-worst");
  const QModelIndex run = made.tree().model()->index(0, 0);
  CHECK(made.tree().model()->index(1, 0, run).data().toString() == QStringLiteral("layer 2"));
  // A second click comes back to it.
  made.selection.select_head({{4, 0}, 0});
  QTest::mouseClick(&made.list.tree().worst_button(), Qt::LeftButton);
  CHECK(made.now() == HeadKey{{6, 0}, 2});
}

TEST_CASE("the tree is walked by keys, over a layer to its worst head") {
  Listed made;
  made.tree().setFocus();
  QTest::mouseClick(made.tree().viewport(), Qt::LeftButton, {}, made.place(4, 0));
  QTest::keyClick(&made.tree(), Qt::Key_Down);
  CHECK(made.now() == HeadKey{{4, 0}, 1});
  QTest::keyClick(&made.tree(), Qt::Key_Up);
  QTest::keyClick(&made.tree(), Qt::Key_Up);
  CHECK(made.current_text() == QStringLiteral("layer 4"));
  QTest::keyClick(&made.tree(), Qt::Key_Up);
  CHECK(made.now() == HeadKey{{2, 0}, 3});
  QTest::keyClick(&made.tree(), Qt::Key_Home);
  CHECK(made.current_text() == QStringLiteral("moby_dick.h5"));
  CHECK(made.now() == HeadKey{{2, 0}, 3});
  QTest::keyClick(&made.tree(), Qt::Key_Down);
  CHECK(made.now() == HeadKey{{2, 0}, 1});
  CHECK(made.current_text() == QStringLiteral("layer 2"));
  QTest::keyClick(&made.tree(), Qt::Key_Left);
  CHECK_FALSE(made.tree().isExpanded(made.tree().currentIndex().siblingAtColumn(0)));
  const QSignalSpy opened(&made.list, &HeadList::head_activated);
  QTest::keyClick(&made.tree(), Qt::Key_Right);
  QTest::keyClick(&made.tree(), Qt::Key_Down);
  QTest::keyClick(&made.tree(), Qt::Key_Return);
  CHECK(opened.count() == 1);
}

TEST_CASE("a click on a heading of the tree sorts each level") {
  Listed made;
  QHeaderView& header = *made.tree().header();
  const auto click = [&](int column) {
    QTest::mouseClick(
        header.viewport(), Qt::LeftButton, {},
        {header.sectionViewportPosition(column) + 8, header.viewport()->height() / 2});
  };
  click(HeadTreeModel::kDensity);
  const auto first_of = [&](int layer) {
    const QModelIndex run = made.tree().model()->index(0, 0);
    return made.tree().model()->index(0, 0, made.tree().model()->index(layer, 0, run)).data();
  };
  const QString once = first_of(0).toString();
  click(HeadTreeModel::kDensity);
  CHECK(first_of(0).toString() != once);
  QTest::mouseClick(&made.list.tree().worst_button(), Qt::LeftButton);
  click(HeadTreeModel::kName);
  CHECK_FALSE(made.list.tree().shown().worst_first());
}

TEST_CASE("one filter serves the tree and the table") {
  Listed made;
  QTest::keyClicks(&made.list.filter_field(), QStringLiteral("method>0.5"));
  const QModelIndex run = made.tree().model()->index(0, 0);
  CHECK(made.tree().model()->rowCount(run) == 1);
  CHECK(made.list.table().shown().rowCount() == 1);
  made.list.setCurrentIndex(1);
  CHECK(made.list.filter_field().text() == QStringLiteral("method>0.5"));
  made.list.filter_field().clear();
  CHECK(made.tree().model()->rowCount(made.tree().model()->index(0, 0)) == 3);
}

TEST_CASE("Ctrl+C copies heads of the tree in the order in which they are shown") {
  Listed made;
  made.tree().setFocus();
  made.tree().clearSelection();
  QTest::mouseClick(&made.list.tree().worst_button(), Qt::LeftButton);
  made.tree().clearSelection();
  QTest::keyClick(&made.tree(), Qt::Key_C, Qt::ControlModifier);
  QStringList lines = QGuiApplication::clipboard()->text().trimmed().split(QLatin1Char('\n'));
  REQUIRE(lines.size() == 13);
  CHECK(lines[0].startsWith(QStringLiteral("layer\tsequence\thead\tdensity")));
  CHECK(lines[1].startsWith(QStringLiteral("6\t0\t2\t")));
  QTest::mouseClick(made.tree().viewport(), Qt::LeftButton, {}, made.place(4, 2));
  QTest::mouseClick(made.tree().viewport(), Qt::LeftButton, Qt::ControlModifier, made.place(2, 1));
  QTest::keyClick(&made.tree(), Qt::Key_C, Qt::ControlModifier);
  lines = QGuiApplication::clipboard()->text().trimmed().split(QLatin1Char('\n'));
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].startsWith(QStringLiteral("2\t0\t1\t")));
  CHECK(lines[2].startsWith(QStringLiteral("4\t0\t2\t")));
}

TEST_CASE("a tree without heads takes every key and click") {
  HeadTableModel model;
  SelectionModel selection;
  HeadList list(model, selection);
  test::show(list, 300, 200);
  QTest::mouseClick(&list.tree().worst_button(), Qt::LeftButton);
  list.tree().tree().setFocus();
  for (const int key : {Qt::Key_Down, Qt::Key_Up, Qt::Key_Home, Qt::Key_Return})
    QTest::keyClick(&list.tree().tree(), static_cast<Qt::Key>(key));
  QTest::keyClick(&list.tree().tree(), Qt::Key_C, Qt::ControlModifier);
  CHECK(selection.current() == Selection{});
}

}  // namespace
}  // namespace bsfa::gui
