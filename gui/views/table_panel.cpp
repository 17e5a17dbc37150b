// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/table_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

#include "gui/models/table_text.h"
#include "gui/views/fault_delegate.h"
#include "gui/views/theme.h"

namespace bsfa::gui {

TablePanel::TablePanel(const QString& name, QAbstractItemModel& model,
                       QSortFilterProxyModel* filter, QWidget* parent)
    : QWidget(parent), proxy_(filter), table_(new QTableView(this)), text_(new QLineEdit(this)) {
  setAccessibleName(name);
  table_->setAccessibleName(name);
  const bool is_own = proxy_ == nullptr;
  if (is_own) {
    proxy_ = new QSortFilterProxyModel(this);
    proxy_->setSortRole(kValueRole);
    proxy_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    proxy_->setFilterKeyColumn(-1);
  }
  if (proxy_->sourceModel() == nullptr) proxy_->setSourceModel(&model);
  text_->setPlaceholderText(tr("filter…"));
  text_->setAccessibleName(tr("Filter of %1").arg(name));
  text_->setClearButtonEnabled(true);
  table_->setModel(proxy_);
  table_->setItemDelegate(new FaultDelegate(*table_, this));
  table_->setSortingEnabled(true);
  table_->sortByColumn(-1, Qt::AscendingOrder);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setShowGrid(false);
  table_->setAlternatingRowColors(true);
  table_->setWordWrap(false);
  table_->setTabKeyNavigation(false);
  table_->verticalHeader()->hide();
  table_->horizontalHeader()->setHighlightSections(false);
  // Widths follow what a screen shows, whatever the number of rows.
  table_->horizontalHeader()->setResizeContentsPrecision(50);
  table_->installEventFilter(this);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(4, 4, 4, 4);
  column->setSpacing(3);
  column->addWidget(text_);
  column->addWidget(table_, 1);
  connect(text_, &QLineEdit::textChanged, this, [this, is_own](const QString& text) {
    if (is_own) proxy_->setFilterFixedString(text);
    emit text_changed(text);
  });
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& now) {
            if (now.isValid() && !is_showing_) emit row_chosen(proxy_->mapToSource(now).row());
          });
  connect(table_, &QTableView::activated, this,
          [this](const QModelIndex& at) { emit row_activated(proxy_->mapToSource(at).row()); });
  connect(proxy_, &QAbstractItemModel::modelReset, this, [this] { restyle(); });
  restyle();
}

QAbstractItemModel& TablePanel::shown() const {
  return *proxy_;
}

void TablePanel::show_row(int row) {
  const QModelIndex at = proxy_->mapFromSource(proxy_->sourceModel()->index(row, 0));
  if (!at.isValid() || at.row() == table_->currentIndex().row()) return;
  is_showing_ = true;
  table_->selectRow(at.row());
  table_->scrollTo(at);
  is_showing_ = false;
}

void TablePanel::copy() const {
  const QModelIndexList rows = table_->selectionModel()->selectedIndexes();
  QGuiApplication::clipboard()->setText(rows.isEmpty() ? to_tsv(*proxy_) : to_tsv(*proxy_, rows));
}

bool TablePanel::eventFilter(QObject* watched, QEvent* event) {
  if (watched == table_ && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->matches(QKeySequence::Copy)) {
    copy();
    return true;
  }
  if (watched == table_ && event->type() == QEvent::FocusIn && !table_->currentIndex().isValid() &&
      static_cast<QFocusEvent*>(event)->reason() != Qt::MouseFocusReason) {
    // Qt would make the first row current, as if somebody had chosen it.
    is_showing_ = true;
    table_->selectionModel()->setCurrentIndex(proxy_->index(0, 0), QItemSelectionModel::NoUpdate);
    is_showing_ = false;
  }
  return QWidget::eventFilter(watched, event);
}

void TablePanel::restyle() {
  table_->verticalHeader()->setDefaultSectionSize(em(*this, 1.35));
  table_->resizeColumnsToContents();
}

void TablePanel::changeEvent(QEvent* event) {
  if (event->type() == QEvent::FontChange) restyle();
  QWidget::changeEvent(event);
}

}  // namespace bsfa::gui
