// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTableView>
#include <QWidget>

class QLineEdit;
class QSortFilterProxyModel;

namespace bsfa::gui {

/// A table that sorts by kValueRole, filters by a text and copies rows as TSV. Rows whose cells say
/// true under Qt::UserRole are faults: marked with a cross, and in the colour of faults.
///
/// Keys  Ctrl+C copies the selected rows, all where none is selected; Return opens the current row.
class TablePanel : public QWidget {
  Q_OBJECT

 public:
  /// The panel owns neither model. With `filter` null one that looks for text in every column is
  /// made; one of the caller's gets the text by text_changed().
  TablePanel(const QString& name, QAbstractItemModel& model,
             QSortFilterProxyModel* filter = nullptr, QWidget* parent = nullptr);

  QTableView& table() const { return *table_; }
  QLineEdit& filter_field() const { return *text_; }
  /// The model as it is shown: filtered and sorted.
  QAbstractItemModel& shown() const;
  /// Selects a row of the caller's model without saying so.
  void show_row(int row);
  void copy() const;

 signals:
  void row_chosen(int row);     ///< of the caller's model: it became current
  void row_activated(int row);  ///< double click or Return
  void text_changed(const QString& text);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void restyle();

  QSortFilterProxyModel* proxy_;
  QTableView* table_;
  QLineEdit* text_;
  bool is_showing_ = false;
};

}  // namespace bsfa::gui
