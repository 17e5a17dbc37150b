// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/head_list.h"

#include <QLineEdit>
#include <QVBoxLayout>

#include "gui/views/table_panel.h"

namespace bsfa::gui {

HeadList::HeadList(HeadTableModel& model, SelectionModel& selection, QWidget* parent)
    : QWidget(parent), model_(model), selection_(selection) {
  auto* filter = new HeadFilter(this);
  filter->setSourceModel(&model_);
  table_ = new TablePanel(tr("Heads"), model_, filter, this);
  table_->filter_field().setPlaceholderText(tr("filter: 4.2, fail, density<0.3 …"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(table_);
  connect(table_, &TablePanel::text_changed, filter, &HeadFilter::set_text);
  connect(table_, &TablePanel::row_chosen, this,
          [this](int row) { selection_.select_head(model_.key_at(row)); });
  connect(table_, &TablePanel::row_activated, this,
          [this](int row) { emit head_activated(model_.key_at(row)); });
  const auto follow = [this] {
    const int row = model_.row_of(selection_.current().head_key());
    if (row >= 0) table_->show_row(row);
  };
  connect(&selection_, &SelectionModel::changed, this, follow);
  connect(&model_, &QAbstractItemModel::modelReset, this, follow, Qt::QueuedConnection);
}

}  // namespace bsfa::gui
