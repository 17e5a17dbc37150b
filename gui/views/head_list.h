// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabWidget>

#include "gui/models/head_figures.h"
#include "gui/models/selection.h"

class QLineEdit;

namespace bsfa::gui {

class HeadTreePanel;
class TablePanel;

/// The heads of a trace as a tree and as a table, both in step with the selection and with one
/// filter.
class HeadList : public QTabWidget {
  Q_OBJECT

 public:
  HeadList(HeadTableModel& model, SelectionModel& selection, QWidget* parent = nullptr);

  HeadTreePanel& tree() const { return *tree_; }
  TablePanel& table() const { return *table_; }
  /// That of the page in view.
  QLineEdit& filter_field() const;

 signals:
  void head_activated(bsfa::gui::HeadKey key);  ///< double click or Return

 private:
  void follow();

  HeadTableModel& model_;
  SelectionModel& selection_;
  HeadTreePanel* tree_;
  TablePanel* table_;
};

}  // namespace bsfa::gui
