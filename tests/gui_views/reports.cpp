// SPDX-License-Identifier: GPL-3.0-or-later
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QTableWidget>
#include <QTest>
#include <QTextBrowser>

#include <catch2/catch.hpp>
#include <qcustomplot.h>

#include "gui/models/table_text.h"
#include "gui/views/balance_view.h"
#include "gui/views/block_error_plot.h"
#include "gui/views/error_view.h"
#include "gui/views/histogram_plot.h"
#include "gui/views/inspector.h"
#include "gui/views/profile_tables.h"
#include "gui/views/table_panel.h"
#include "gui/views/verdict_label.h"
#include "tests/gui_models/support.h"
#include "tests/gui_views/support.h"

namespace bsfa::gui {
namespace {

/// A trace with one fault of each kind in head 1.
struct Traced {
  test::Folder folder;
  traces::Sequence sequence = test::sequence_of(test::problem_of(3, 40, 80), 13);
  std::shared_ptr<const TraceFile> file;

  Traced() {
    (*sequence.error_arithmetic)[40 + 12] = 1.6F;
    (*sequence.gating_violations)[40 + 30] = 2;
    (*sequence.mask_kernel)[static_cast<std::size_t>((40 + 30) * 80 + 7)] = 1;
    (*sequence.mask_reference)[static_cast<std::size_t>((40 + 30) * 80 + 7)] = 2;
    sequence.work = test::records_of(sequence, 6);
    test::write_trace(folder / "t.h5", {sequence});
    file = TraceFile::open(folder / "t.h5").file;
    REQUIRE(file != nullptr);
  }
};

QString value_of(const Inspector& inspector, const QString& name) {
  for (const auto& [key, value] : inspector.lines()) {
    if (key == name) return value;
  }
  return {};
}

TEST_CASE("errors show three reasons apart and mark the blocks that fail") {
  const Traced made;
  SelectionModel selection;
  ErrorView view(selection);
  view.set_sequence(made.file, {0, 0}, 1);
  view.set_head(made.file->read_head({{0, 0}, 1}).arrays);
  test::show(view, 640, 460);
  CHECK(view.plot(BlockError::kArithmetic).faults() == 1);
  CHECK(view.plot(BlockError::kGating).faults() == 1);
  CHECK(view.plot(BlockError::kMethod).faults() == 0);
  selection.select_block({{0, 0}, 1}, 12);
  test::keep_picture(view, "errors");
}

TEST_CASE("a click or arrow in an error plot selects a Q block") {
  const Traced made;
  SelectionModel selection;
  BlockErrorPlot plot(BlockError::kArithmetic, selection);
  plot.set_head(&made.sequence, 1);
  test::show(plot, 500, 220);
  plot.canvas().replot();
  const QPoint at(static_cast<int>(plot.canvas().xAxis->coordToPixel(12.0)),
                  plot.canvas().axisRect()->center().y());
  QTest::mouseClick(&plot.canvas(), Qt::LeftButton, {}, at);
  CHECK(selection.current().q_block == 12);
  QTest::keyClick(&plot, Qt::Key_Right);
  CHECK(selection.current().q_block == 13);
}

TEST_CASE("the tables of blocks and worst tiles lead to the tile") {
  const Traced made;
  SelectionModel selection;
  selection.select_head({{0, 0}, 1});
  ErrorView view(selection);
  view.set_sequence(made.file, {0, 0}, 1);
  view.set_head(made.file->read_head({{0, 0}, 1}).arrays);
  test::show(view, 640, 460);
  auto* tabs = view.findChild<QTabWidget*>();
  tabs->setCurrentIndex(2);
  QTableWidget& tiles = view.tile_table();
  REQUIRE(tiles.rowCount() > 1);
  QTest::mouseClick(tiles.viewport(), Qt::LeftButton, {},
                    tiles.visualItemRect(tiles.item(0, 0)).center());
  CHECK(selection.current().q_block == 30);
  CHECK(selection.current().k_block == 7);
  test::keep_picture(view, "errors-tiles");
  tabs->setCurrentIndex(1);
  CHECK(view.block_table().table().currentIndex().row() == 30);
  QTest::keyClick(&view.block_table().table(), Qt::Key_Up);
  CHECK(selection.current().q_block == 29);
  test::keep_picture(view, "errors-table");
}

TEST_CASE("a verdict has an icon and a word and never colour alone") {
  for (const char* word : {"pass", "fail", "inconclusive", ""}) {
    VerdictLabel label;
    label.set_verdict(standing_of(QString::fromUtf8(word)), QString::fromUtf8(word));
    CHECK(label.accessibleName().contains(QString::fromUtf8(word)));
  }
  CHECK(standing_of(QStringLiteral("pass")) == Standing::kGood);
  CHECK(standing_of(QStringLiteral("fail")) == Standing::kBad);
  CHECK(standing_of(QStringLiteral("inconclusive")) == Standing::kWarning);
  CHECK(standing_of(QStringLiteral("great")) == Standing::kUnknown);
}

TEST_CASE("the inspector says all of a tile, its block and its work item") {
  const Traced made;
  SelectionModel selection;
  Inspector inspector(selection);
  test::show(inspector, 320, 480);
  CHECK(value_of(inspector, QStringLiteral("head")) == QStringLiteral("none is loaded"));
  selection.select_head({{0, 0}, 1});
  auto arrays = made.file->read_head({{0, 0}, 1}).arrays;
  inspector.set_head(arrays, nullptr, made.file->overview({0, 0}));
  inspector.set_timeline(std::make_shared<TimelineModel>(*made.sequence.work));
  selection.select_tile(30, 7);
  CHECK(value_of(inspector, QStringLiteral("tokens")) == QStringLiteral("3840–3967"));
  CHECK(value_of(inspector, QStringLiteral("against tokens")) == QStringLiteral("448–511"));
  CHECK(value_of(inspector, QStringLiteral("kernel")) == name_of(TileClass::kSkipped));
  CHECK(value_of(inspector, QStringLiteral("reference")) == name_of(TileClass::kKept));
  CHECK(value_of(inspector, QStringLiteral("violations")) == QStringLiteral("2"));
  CHECK(value_of(inspector, QStringLiteral("τ")) == QStringLiteral("10.5"));
  CHECK_FALSE(value_of(inspector, QStringLiteral("worker")).isEmpty());
  inspector.set_tau(std::vector<float>(40, 12.25F));
  CHECK(value_of(inspector, QStringLiteral("τ, tried")) == QStringLiteral("12.25"));
  test::keep_picture(inspector, "inspector");
  selection.select_tile(-1, -1);
  CHECK(value_of(inspector, QStringLiteral("tokens")).isEmpty());
}

/// Records of whole CTAs and of their warps, some longer than others.
std::vector<core::WorkRecord> records_of_warps() {
  std::vector<core::WorkRecord> records;
  for (std::int32_t i = 0; i < 240; ++i) {
    core::WorkRecord record;
    record.clock = core::ClockDomain::kGlobaltimerNs;
    record.head = i % 8, record.q_block = i / 8;
    record.cta = static_cast<std::uint32_t>(i % 24), record.unit = record.cta / 2;
    record.tiles_seen = 100, record.tiles_kept = static_cast<std::uint64_t>(20 + i * i % 61);
    record.start_ns = 1000 + 4000 * static_cast<std::uint64_t>(i / 24);
    record.end_ns = record.start_ns + 500 + 40 * record.tiles_kept;
    records.push_back(record);
    for (record.warp = 0; record.warp < 4; ++record.warp) records.push_back(record);
  }
  return records;
}

TEST_CASE(
    "balance counts time and tiles of items, SMs, CTAs and warps, and another run over them") {
  BalanceView view;
  test::show(view, 760, 320);
  CHECK_FALSE(view.levels().isEnabled());
  view.set_report(balance_report(records_of_warps()));
  REQUIRE(view.levels().count() == 5);
  CHECK(view.histogram().canvas().graphCount() == 1);
  test::keep_picture(view, "balance");
  QString before = view.histogram().canvas().xAxis->label();
  for (QComboBox* choice : {&view.levels(), &view.quantities()}) {
    choice->setFocus();
    QTest::keyClick(choice, Qt::Key_Down);
    CHECK(view.histogram().canvas().xAxis->label() != before);
    before = view.histogram().canvas().xAxis->label();
  }
  CHECK(before == QStringLiteral("tiles kept per SM, tiles"));
  view.set_other(balance_report(records_of_warps()), QStringLiteral("other.h5"));
  CHECK(view.histogram().canvas().graphCount() == 2);
  CHECK(view.levels().currentText() == QStringLiteral("per SM"));
}

TEST_CASE("a click on a bar lists what is in it, and a row of the list goes to the item") {
  BalanceView view;
  view.set_report(balance_report(records_of_warps()));
  test::show(view, 900, 340);
  HistogramPlot& plot = view.histogram();
  plot.canvas().replot();
  const auto click_at = [&](double value) {
    QTest::mouseClick(&plot.canvas(), Qt::LeftButton, {},
                      QPoint(static_cast<int>(plot.canvas().xAxis->coordToPixel(value)),
                             plot.canvas().axisRect()->center().y()));
  };
  const WorkGroup& items = view.report().groups[0];
  const double longest = 0.5 + 0.04 * 80.0;
  click_at(longest - 0.01);
  REQUIRE(plot.marked_bar() >= 0);
  test::keep_picture(view, "balance-bar");
  const auto count = view.members().shown().rowCount();
  REQUIRE(count > 0);
  CHECK(count < static_cast<int>(items.members.size()));
  CHECK(view.members().shown().index(0, 1).data(kValueRole).toDouble() == Approx(longest));
  std::vector<WorkPlace> chosen;
  QObject::connect(&view, &BalanceView::item_chosen,
                   [&](const WorkPlace& at) { chosen.push_back(at); });
  QTableView& table = view.members().table();
  QTest::mouseClick(table.viewport(), Qt::LeftButton, {},
                    table.visualRect(view.members().shown().index(0, 0)).center());
  REQUIRE(chosen.size() == 1);
  const QString name = view.members().shown().index(0, 0).data().toString();
  CHECK(name == QStringLiteral("head %1, Q block %2").arg(chosen[0].head).arg(chosen[0].q_block));
  plot.setFocus();
  const int bar = plot.marked_bar();
  QTest::keyClick(&plot, Qt::Key_Left);
  CHECK(plot.marked_bar() == bar - 1);
  QTest::keyClick(&plot, Qt::Key_Escape);
  CHECK(plot.marked_bar() == -1);
  CHECK(view.members().shown().rowCount() == 0);
}

TEST_CASE("counters, stalls and facilities are tables that sort, filter and copy") {
  BalanceReport report;
  report.counters = {{QStringLiteral("tensor"), QStringLiteral("sm__inst.sum"), 1.5e9},
                     {QStringLiteral("memory"), QStringLiteral("dram__bytes.sum"), 2.0e6}};
  report.stalls = {{QStringLiteral("kernel"), QStringLiteral("a.cu"), QStringLiteral("wait();"),
                    QStringLiteral("barrier"), 12, 900, 0.9},
                   {QStringLiteral("kernel"), QStringLiteral("a.cu"), QStringLiteral("load();"),
                    QStringLiteral("long_scoreboard"), 7, 100, 0.1}};
  report.facilities = {{QStringLiteral("counters"), QStringLiteral("refused"),
                        QStringLiteral("needs rights"), true}};
  ProfileTables tables;
  tables.set_report(report);
  test::show(tables, 640, 260);
  test::keep_picture(tables, "counters");
  TablePanel& counters = tables.counters();
  QTest::keyClicks(&counters.filter_field(), QStringLiteral("DRAM"));
  CHECK(counters.shown().rowCount() == 1);
  counters.filter_field().clear();
  counters.table().sortByColumn(1, Qt::AscendingOrder);
  CHECK(counters.shown().index(0, 0).data().toString() == QStringLiteral("dram__bytes.sum"));
  counters.table().clearSelection();
  QTest::keyClick(&counters.table(), Qt::Key_C, Qt::ControlModifier);
  CHECK(QGuiApplication::clipboard()->text().contains(QStringLiteral("dram__bytes.sum\t2000000")));
  tables.tabs().setCurrentIndex(1);
  test::keep_picture(tables, "stalls");
  CHECK(tables.stalls().shown().rowCount() == 2);
}

}  // namespace
}  // namespace bsfa::gui
