// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gui/models/head_tree.h"

class QLineEdit;
class QPushButton;
class QTreeView;

namespace bsfa::gui {

/// The tree of run, layers and heads: sorts by any column, filters by a text, goes to the worst
/// head at one click.
///
/// Keys  those of any tree; Return opens the head; Ctrl+C copies the heads of the selected rows as
///       TSV, all that are shown where none is selected.
class HeadTreePanel : public QWidget {
  Q_OBJECT

 public:
  /// The table outlives the panel.
  explicit HeadTreePanel(HeadTableModel& table, QWidget* parent = nullptr);

  QTreeView& tree() const { return *tree_; }
  QLineEdit& filter_field() const { return *text_; }
  QPushButton& worst_button() const { return *worst_; }
  HeadTreeModel& model() const { return *model_; }
  /// The model as it is shown: filtered and sorted.
  HeadTreeFilter& shown() const { return *filter_; }

  void set_run(const QString& name) { model_->set_run(name); }
  /// Makes a head current without saying so; stays where the current row is its layer or run.
  void show_head(HeadKey key);
  /// Worst heads on top, and the worst of all chosen.
  void go_to_worst();
  void copy() const;

 signals:
  /// A row became current: the head, or the worst one of a layer.
  void head_chosen(bsfa::gui::HeadKey key);
  void head_activated(bsfa::gui::HeadKey key);  ///< double click or Return
  void text_changed(const QString& text);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void build();
  void choose(const QModelIndex& now);
  void unfold();
  void restyle();
  /// Rows of the table under a row of the tree, in the order they are shown.
  void collect(const QModelIndex& at, QList<int>& rows) const;

  HeadTableModel& table_;
  HeadFilter* heads_;
  HeadTreeModel* model_;
  HeadTreeFilter* filter_;
  QTreeView* tree_;
  QLineEdit* text_;
  QPushButton* worst_;
  bool is_showing_ = false;
};

}  // namespace bsfa::gui
