// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QWidget>
#include <vector>

#include "gui/models/balance.h"

class QTabWidget;

namespace bsfa::gui {

class TablePanel;

/// Rows of text and numbers; numbers are aligned right and sort as numbers.
class RowsModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  using Row = std::vector<QVariant>;
  RowsModel(QStringList headings, QObject* parent);

  void set_rows(std::vector<Row> rows);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QStringList headings_;
  std::vector<Row> rows_;
};

/// Counters, stall reasons by source line, and what became of each facility of the profiler.
class ProfileTables : public QWidget {
  Q_OBJECT

 public:
  explicit ProfileTables(QWidget* parent = nullptr);

  void set_report(const BalanceReport& report);

  QTabWidget& tabs() const { return *tabs_; }
  TablePanel& counters() const { return *counters_; }
  TablePanel& stalls() const { return *stalls_; }
  TablePanel& facilities() const { return *facilities_; }

 private:
  RowsModel *counter_rows_, *stall_rows_, *facility_rows_;
  QTabWidget* tabs_;
  TablePanel *counters_, *stalls_, *facilities_;
};

}  // namespace bsfa::gui
