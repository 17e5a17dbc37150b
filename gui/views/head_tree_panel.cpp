// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/head_tree_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

#include "gui/models/table_text.h"
#include "gui/views/fault_delegate.h"
#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

/// Layers are unfolded at once where their heads are no more than a person scrolls through.
constexpr int kUnfoldedHeads = 512;

}  // namespace

HeadTreePanel::HeadTreePanel(HeadTableModel& table, QWidget* parent)
    : QWidget(parent),
      table_(table),
      heads_(new HeadFilter(this)),
      model_(nullptr),
      filter_(nullptr),
      tree_(new QTreeView(this)),
      text_(new QLineEdit(this)),
      worst_(new QPushButton(tr("Worst first"), this)) {
  // The filter of the table is up to date before the tree asks it.
  heads_->setSourceModel(&table_);
  model_ = new HeadTreeModel(table_, this);
  filter_ = new HeadTreeFilter(*model_, *heads_, this);
  build();
  connect(text_, &QLineEdit::textChanged, this, [this](const QString& text) {
    filter_->set_text(text);
    if (!text.trimmed().isEmpty()) tree_->expandAll();
    emit text_changed(text);
  });
  connect(worst_, &QPushButton::clicked, this, &HeadTreePanel::go_to_worst);
  connect(tree_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &HeadTreePanel::choose);
  connect(tree_, &QTreeView::activated, this, [this](const QModelIndex& at) {
    const QModelIndex from = filter_->mapToSource(at);
    if (model_->is_head(from)) emit head_activated(*model_->key_at(from));
  });
  connect(filter_, &QAbstractItemModel::modelReset, this, &HeadTreePanel::unfold);
  unfold();
  restyle();
}

void HeadTreePanel::build() {
  setAccessibleName(tr("Tree of heads"));
  tree_->setAccessibleName(tr("Runs, layers and heads"));
  text_->setAccessibleName(tr("Filter of the tree of heads"));
  text_->setPlaceholderText(tr("filter: 4.2, fail, density<0.3 …"));
  text_->setClearButtonEnabled(true);
  worst_->setToolTip(
      tr("Failed heads first, then those that the method costs most; chooses the first"));
  worst_->setAccessibleDescription(worst_->toolTip());
  tree_->setModel(filter_);
  tree_->setItemDelegate(new FaultDelegate(*tree_, this));
  tree_->setSortingEnabled(true);
  tree_->sortByColumn(-1, Qt::AscendingOrder);
  tree_->setUniformRowHeights(true);
  tree_->setAlternatingRowColors(true);
  tree_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  tree_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  tree_->setTabKeyNavigation(false);
  tree_->setExpandsOnDoubleClick(true);
  tree_->header()->setResizeContentsPrecision(50);
  tree_->header()->setStretchLastSection(false);
  tree_->installEventFilter(this);
  auto* top = new QHBoxLayout;
  top->addWidget(text_, 1);
  top->addWidget(worst_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(4, 4, 4, 4);
  column->setSpacing(3);
  column->addLayout(top);
  column->addWidget(tree_, 1);
}

void HeadTreePanel::choose(const QModelIndex& now) {
  if (is_showing_ || !now.isValid()) return;
  const QModelIndex from = filter_->mapToSource(now);
  // The run's row is passed on the way to its layers; it stands for no head.
  if (!model_->is_head(from) && !from.parent().isValid()) return;
  if (const auto key = model_->key_at(from)) emit head_chosen(*key);
}

void HeadTreePanel::show_head(HeadKey key) {
  const QModelIndex from = model_->index_of(key);
  const QModelIndex at = filter_->mapFromSource(from);
  if (!at.isValid()) return;
  const QModelIndex current = tree_->currentIndex();
  if (current.isValid() && current.siblingAtColumn(0) == at) return;
  const QScopedValueRollback quiet(is_showing_, true);
  if (tree_->hasFocus() && current.isValid() &&
      (current.siblingAtColumn(0) == at.parent() || !current.parent().isValid())) {
    return;  // somebody walks over layers
  }
  tree_->setCurrentIndex(at);
  tree_->scrollTo(at);
}

void HeadTreePanel::go_to_worst() {
  filter_->sort_worst_first();
  tree_->header()->setSortIndicator(-1, Qt::AscendingOrder);
  filter_->sort_worst_first();
  const QModelIndex run = filter_->index(0, 0);
  const QModelIndex layer = filter_->index(0, 0, run);
  const QModelIndex worst = filter_->index(0, 0, layer);
  if (!worst.isValid()) return;
  tree_->expand(run);
  tree_->expand(layer);
  tree_->setCurrentIndex(worst);
  tree_->scrollTo(worst);
  // Also where it was current before and the selection has gone elsewhere.
  emit head_chosen(*model_->key_at(filter_->mapToSource(worst)));
}

void HeadTreePanel::collect(const QModelIndex& at, QList<int>& rows) const {
  const int row = model_->table_row(filter_->mapToSource(at));
  if (row >= 0) {
    rows << row;
    return;
  }
  for (int i = 0; i < filter_->rowCount(at); ++i) collect(filter_->index(i, 0, at), rows);
}

void HeadTreePanel::copy() const {
  const QModelIndexList chosen = tree_->selectionModel()->selectedRows();
  QList<int> wanted, rows;
  for (const QModelIndex& at : chosen) collect(at, wanted);
  collect({}, rows);
  if (!chosen.isEmpty()) {
    rows.removeIf([&](int row) { return !wanted.contains(row); });
  }
  // One row at a time, since they come in the order in which they are shown.
  QString text;
  for (const int row : rows) {
    const QString lines = to_tsv(table_, {table_.index(row, 0)});
    text += text.isEmpty() ? lines : lines.mid(lines.indexOf(QLatin1Char('\n')) + 1);
  }
  QGuiApplication::clipboard()->setText(text);
}

void HeadTreePanel::unfold() {
  const QModelIndex run = filter_->index(0, 0);
  tree_->expand(run);
  if (table_.rowCount() <= kUnfoldedHeads) tree_->expandAll();
  restyle();
}

bool HeadTreePanel::eventFilter(QObject* watched, QEvent* event) {
  if (watched == tree_ && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
    copy();
    return true;
  }
  if (watched == tree_ && event->type() == QEvent::FocusIn && !tree_->currentIndex().isValid() &&
      static_cast<QFocusEvent*>(event)->reason() != Qt::MouseFocusReason) {
    // Qt would make the first row current, as if somebody had chosen it.
    const QScopedValueRollback quiet(is_showing_, true);
    tree_->selectionModel()->setCurrentIndex(filter_->index(0, 0), QItemSelectionModel::NoUpdate);
  }
  return QWidget::eventFilter(watched, event);
}

void HeadTreePanel::restyle() {
  tree_->setIndentation(em(*this, 0.8));
  for (int column = 0; column < filter_->columnCount(); ++column)
    tree_->resizeColumnToContents(column);
  // A long name of a run must not push all figures out of view.
  const int most = em(*this, 10);
  if (tree_->columnWidth(0) > most) tree_->setColumnWidth(0, most);
}

void HeadTreePanel::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) restyle();
  QWidget::changeEvent(event);
}

}  // namespace bsfa::gui
