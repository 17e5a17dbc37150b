// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/head_list.h"

#include <QFileInfo>
#include <QLineEdit>

#include "gui/views/head_tree_panel.h"
#include "gui/views/table_panel.h"

namespace bsfa::gui {

HeadList::HeadList(HeadTableModel& model, SelectionModel& selection, QWidget* parent)
    : QTabWidget(parent), model_(model), selection_(selection) {
  setAccessibleName(tr("Heads"));
  auto* filter = new HeadFilter(this);
  filter->setSourceModel(&model_);
  tree_ = new HeadTreePanel(model_, this);
  table_ = new TablePanel(tr("Heads"), model_, filter, this);
  table_->filter_field().setPlaceholderText(tree_->filter_field().placeholderText());
  setDocumentMode(true);
  addTab(tree_, tr("Tree"));
  addTab(table_, tr("Table"));
  connect(table_, &TablePanel::text_changed, filter, &HeadFilter::set_text);
  connect(table_, &TablePanel::text_changed, &tree_->filter_field(), &QLineEdit::setText);
  connect(tree_, &HeadTreePanel::text_changed, &table_->filter_field(), &QLineEdit::setText);
  connect(table_, &TablePanel::row_chosen, this,
          [this](int row) { selection_.select_head(model_.key_at(row)); });
  connect(table_, &TablePanel::row_activated, this,
          [this](int row) { emit head_activated(model_.key_at(row)); });
  connect(tree_, &HeadTreePanel::head_chosen, this,
          [this](HeadKey key) { selection_.select_head(key); });
  connect(tree_, &HeadTreePanel::head_activated, this, &HeadList::head_activated);
  connect(&selection_, &SelectionModel::changed, this, &HeadList::follow);
  connect(&model_, &QAbstractItemModel::modelReset, this, &HeadList::follow, Qt::QueuedConnection);
}

QLineEdit& HeadList::filter_field() const {
  return currentWidget() == table_ ? table_->filter_field() : tree_->filter_field();
}

void HeadList::follow() {
  const Selection& now = selection_.current();
  tree_->set_run(QFileInfo(now.run).fileName());
  tree_->show_head(now.head_key());
  const int row = model_.row_of(now.head_key());
  if (row >= 0) table_->show_row(row);
}

}  // namespace bsfa::gui
