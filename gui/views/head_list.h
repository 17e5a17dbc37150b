// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gui/models/head_figures.h"
#include "gui/models/selection.h"

namespace bsfa::gui {

class TablePanel;

/// The heads of a trace as a table, in step with the selection.
class HeadList : public QWidget {
  Q_OBJECT

 public:
  HeadList(HeadTableModel& model, SelectionModel& selection, QWidget* parent = nullptr);

  TablePanel& table() const { return *table_; }

 signals:
  void head_activated(bsfa::gui::HeadKey key);  ///< double click or Return

 private:
  HeadTableModel& model_;
  SelectionModel& selection_;
  TablePanel* table_;
};

}  // namespace bsfa::gui
