// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/error_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTabWidget>
#include <QTableWidget>
#include <QVBoxLayout>

#include "gui/views/axis.h"
#include "gui/views/block_error_plot.h"
#include "gui/views/table_panel.h"
#include "gui/views/theme.h"
#include "gui/views/verdict_label.h"

namespace bsfa::gui {
namespace {

constexpr std::size_t kWorstTiles = 50;

QTableWidgetItem* cell(const QString& text, bool is_number) {
  auto* made = new QTableWidgetItem(text);
  made->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
  if (is_number) made->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
  return made;
}

}  // namespace

ErrorView::ErrorView(SelectionModel& selection, QWidget* parent)
    : QWidget(parent),
      selection_(selection),
      verdict_(new VerdictLabel(this)),
      summary_(new QLabel(this)),
      tabs_(new QTabWidget(this)),
      table_(new TablePanel(tr("Q blocks"), blocks_, nullptr, this)),
      tiles_(new QTableWidget(this)) {
  setAccessibleName(tr("Errors"));
  auto* top = new QHBoxLayout;
  top->addWidget(verdict_), top->addWidget(summary_, 1);
  summary_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* plots = new QWidget(this);
  auto* stack = new QVBoxLayout(plots);
  stack->setContentsMargins(0, 0, 0, 0);
  stack->setSpacing(2);
  for (const BlockError error :
       {BlockError::kArithmetic, BlockError::kGating, BlockError::kMethod}) {
    auto* plot = new BlockErrorPlot(error, selection_, plots);
    plots_[static_cast<std::size_t>(error)] = plot;
    stack->addWidget(plot, 1);
  }
  tiles_->setAccessibleName(tr("Worst tiles"));
  tiles_->setColumnCount(6);
  tiles_->setHorizontalHeaderLabels({tr("Q block"), tr("K block"), tr("disagreement"),
                                     tr("lost mass"), tr("tile_max"), tr("margin")});
  tiles_->setSelectionBehavior(QAbstractItemView::SelectRows);
  tiles_->verticalHeader()->hide();
  tiles_->setShowGrid(false);
  tiles_->setAlternatingRowColors(true);
  tiles_->setTabKeyNavigation(false);
  tabs_->setDocumentMode(true);
  tabs_->addTab(plots, tr("Over Q blocks"));
  tabs_->addTab(table_, tr("Table"));
  tabs_->addTab(tiles_, tr("Worst tiles"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(4, 4, 4, 4);
  column->addLayout(top);
  column->addWidget(tabs_, 1);
  connect(table_, &TablePanel::row_chosen, this, [this](int row) {
    const BlockPlace place = blocks_.place_at(row);
    selection_.select_block({key_, place.head}, place.q_block);
  });
  connect(tiles_, &QTableWidget::currentCellChanged, this, [this](int row) {
    if (row < 0 || static_cast<std::size_t>(row) >= worst_.size()) return;
    const TilePlace& tile = worst_[static_cast<std::size_t>(row)];
    selection_.select_tile(tile.q_block, tile.k_block);
  });
  connect(&selection_, &SelectionModel::changed, this, [this] { follow(); });
}

void ErrorView::set_sequence(std::shared_ptr<const TraceFile> file, SequenceKey key,
                             std::int64_t head) {
  file_ = std::move(file);
  key_ = key;
  head_index_ = head;
  blocks_.set_sequence(file_, key_, head);
  const traces::Sequence* sequence = file_ ? file_->overview(key_) : nullptr;
  for (BlockErrorPlot* plot : plots_) plot->set_head(sequence, head);
  if (file_) show_verdict(*file_);
  follow();
}

void ErrorView::show_verdict(const TraceFile& file) {
  const QString word = QString::fromStdString(file.provenance().verdict);
  verdict_->set_verdict(standing_of(word), word.isEmpty() ? tr("no verdict") : word);
  QStringList parts;
  for (const BlockError error : {BlockError::kArithmetic, BlockError::kGating}) {
    const std::size_t faults = plot(error).faults();
    if (faults > 0) parts << tr("%1 in %2").arg(faults).arg(name_of(error));
  }
  const QString head = parts.isEmpty() ? tr("none") : parts.join(QStringLiteral(", "));
  summary_->setText(tr("of the whole run · Q blocks of this head that fail: %1").arg(head));
}

void ErrorView::set_head(const std::shared_ptr<const HeadArrays>& head) {
  worst_ = head ? worst_tiles(*head, kWorstTiles) : std::vector<TilePlace>{};
  const QSignalBlocker silent(tiles_);
  tiles_->setRowCount(static_cast<int>(worst_.size()));
  for (int row = 0; row < tiles_->rowCount(); ++row) {
    const TilePlace& tile = worst_[static_cast<std::size_t>(row)];
    const bool is_same = tile.disagreement == Disagreement::kNone;
    tiles_->setItem(row, 0, cell(QString::number(tile.q_block), true));
    tiles_->setItem(row, 1, cell(QString::number(tile.k_block), true));
    tiles_->setItem(row, 2,
                    cell(is_same ? QStringLiteral("–") : name_of(tile.disagreement), false));
    tiles_->setItem(row, 3, cell(number_text(static_cast<double>(tile.lost_mass), 3), true));
    tiles_->setItem(row, 4, cell(number_text(static_cast<double>(tile.tile_max), 5), true));
    tiles_->setItem(row, 5, cell(number_text(static_cast<double>(tile.margin), 4), true));
  }
  tiles_->verticalHeader()->setDefaultSectionSize(em(*this, 1.35));
  tiles_->resizeColumnsToContents();
  tabs_->setTabText(2, tr("Worst tiles (%1)").arg(worst_.size()));
}

void ErrorView::follow() {
  const Selection& now = selection_.current();
  if (!(now.head_key().sequence == key_) || now.q_block < 0) return;
  const int row = blocks_.row_of({now.head, now.q_block});
  if (row >= 0) table_->show_row(row);
}

}  // namespace bsfa::gui
