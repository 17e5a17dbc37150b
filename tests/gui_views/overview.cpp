// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>

#include <catch2/catch.hpp>

#include "gui/views/head_list.h"
#include "gui/views/overview_view.h"
#include "gui/views/table_panel.h"
#include "tests/gui_models/support.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

struct Traced {
  test::Folder folder;
  std::shared_ptr<const TraceFile> file;

  explicit Traced(std::int64_t heads, std::int64_t q_blocks = 16, std::int64_t k_blocks = 32) {
    traces::Sequence sequence = test::sequence_of(test::problem_of(heads, q_blocks, k_blocks), 5);
    if (heads > 2) (*sequence.error_arithmetic)[static_cast<std::size_t>(2 * q_blocks + 3)] = 1.4F;
    test::write_trace(folder / "t.h5", {sequence});
    file = TraceFile::open(folder / "t.h5").file;
    REQUIRE(file != nullptr);
  }
};

struct Shown : Traced {
  SelectionModel selection;
  HeadStore store{file};
  OverviewView view{selection};

  explicit Shown(std::int64_t heads, int width = 760, int height = 420) : Traced(heads) {
    view.set_layer(&store, {0, 0}, head_figures(*file));
    test::show(view, width, height);
  }
  bool wait_for(std::size_t pictures) {
    return QTest::qWaitFor([&] { return view.loaded_pictures() >= pictures; }, 10000);
  }
  QPoint middle(std::size_t index) const { return view.cell_rect(index).center(); }
};

TEST_CASE("an overview loads the pictures of the heads in view and puts them on one scale") {
  Shown made(4);
  REQUIRE(made.wait_for(4));
  const Contrast scale = made.view.contrast();
  CHECK(scale.low < scale.high);
  test::keep_picture(made.view, "overview");
  const QImage before = test::grab(made.view);
  made.view.set_contrast(Contrast{scale.low, scale.low + (scale.high - scale.low) / 3.0, false});
  CHECK(test::changed_pixels(made.view, before) > 1000);
}

TEST_CASE("only heads that are in view are loaded") {
  Shown made(200, 500, 400);
  REQUIRE(made.wait_for(4));
  QTest::qWait(50);
  CHECK(made.view.loaded_pictures() < 60);
  CHECK(made.view.verticalScrollBar()->maximum() > 0);
  made.view.verticalScrollBar()->setValue(made.view.verticalScrollBar()->maximum());
  REQUIRE(QTest::qWaitFor([&] { return made.view.cell_rect(199).isValid(); }, 1000));
  test::keep_picture(made.view, "overview-many");
}

TEST_CASE("a click selects a head and a double click opens it") {
  Shown made(6);
  QTest::mouseClick(made.view.viewport(), Qt::LeftButton, {}, made.middle(4));
  CHECK(made.selection.current().head == 4);
  const QSignalSpy opened(&made.view, &OverviewView::head_activated);
  QTest::mouseDClick(made.view.viewport(), Qt::LeftButton, {}, made.middle(2));
  REQUIRE(opened.count() == 1);
  CHECK(opened.at(0).at(0).value<HeadKey>().head == 2);
}

TEST_CASE("arrows, Home and End walk the heads and Return opens one") {
  Shown made(6);
  made.selection.select_head({{0, 0}, 0});
  QTest::keyClick(&made.view, Qt::Key_Right);
  CHECK(made.selection.current().head == 1);
  QTest::keyClick(&made.view, Qt::Key_End);
  CHECK(made.selection.current().head == 5);
  QTest::keyClick(&made.view, Qt::Key_Right);
  CHECK(made.selection.current().head == 5);
  QTest::keyClick(&made.view, Qt::Key_Home);
  CHECK(made.selection.current().head == 0);
  const QSignalSpy opened(&made.view, &OverviewView::head_activated);
  QTest::keyClick(&made.view, Qt::Key_Return);
  CHECK(opened.count() == 1);
}

TEST_CASE("a selected head is scrolled into view") {
  Shown made(200, 500, 400);
  REQUIRE_FALSE(made.view.cell_rect(150).isValid());
  made.selection.select_head({{0, 0}, 150});
  CHECK(made.view.cell_rect(150).isValid());
}

TEST_CASE("the pointer reads out a head's figures and a failed head is described as such") {
  Shown made(4);
  const QSignalSpy hovered(&made.view, &OverviewView::hovered);
  test::hover(*made.view.viewport(), made.middle(2));
  REQUIRE(hovered.count() >= 1);
  CHECK(hovered.last().at(0).toString().toStdString().find("arithmetic 1.4") != std::string::npos);
}

TEST_CASE("an overview without a trace says so, and one that outlives its trace stays quiet") {
  SelectionModel selection;
  OverviewView view(selection);
  test::show(view, 400, 300);
  test::keep_picture(view, "overview-empty");
  {
    const Traced made(3);
    HeadStore store(made.file);
    view.set_layer(&store, {0, 0}, head_figures(*made.file));
    test::grab(view);
  }
  view.set_field(Field::kKernelMask);
  QTest::keyClick(&view, Qt::Key_End);
  test::grab(view);
  CHECK(view.heads() == 3);
}

TEST_CASE("the list of heads sorts, filters, copies and keeps in step with the selection") {
  const Traced made(6);
  SelectionModel selection;
  HeadTableModel model;
  HeadList list(model, selection);
  model.set_heads(head_figures(*made.file));
  test::show(list, 700, 300);
  test::keep_picture(list, "heads");
  QTableView& table = list.table().table();
  QTest::mouseClick(table.viewport(), Qt::LeftButton, {},
                    table.visualRect(table.model()->index(3, 2)).center());
  CHECK(selection.current().head == 3);
  QTest::keyClick(&table, Qt::Key_Down);
  CHECK(selection.current().head == 4);
  selection.select_head({{0, 0}, 1});
  CHECK(table.currentIndex().row() == 1);
  QTest::keyClick(&table, Qt::Key_C, Qt::ControlModifier);
  CHECK(QGuiApplication::clipboard()->text().count(QLatin1Char('\n')) >= 1);
  QTest::keyClicks(&list.table().filter_field(), QStringLiteral("fail"));
  CHECK(list.table().shown().rowCount() == 1);
  list.table().filter_field().clear();
  table.sortByColumn(HeadTableModel::kArithmetic, Qt::DescendingOrder);
  CHECK(
      table.model()->index(0, HeadTableModel::kHead).data().toString().contains(QLatin1Char('2')));
}

}  // namespace
}  // namespace bsfa::gui
