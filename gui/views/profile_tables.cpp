// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/profile_tables.h"

#include <QTabWidget>
#include <QVBoxLayout>

#include "gui/models/table_text.h"
#include "gui/views/axis.h"
#include "gui/views/table_panel.h"

namespace bsfa::gui {

RowsModel::RowsModel(QStringList headings, QObject* parent)
    : QAbstractTableModel(parent), headings_(std::move(headings)) {}

void RowsModel::set_rows(std::vector<Row> rows) {
  beginResetModel();
  rows_ = std::move(rows);
  endResetModel();
}

int RowsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int RowsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(headings_.size());
}

QVariant RowsModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const QVariant& value =
      rows_[static_cast<std::size_t>(index.row())][static_cast<std::size_t>(index.column())];
  const bool is_real = value.typeId() == QMetaType::Double;
  const bool is_number = is_real || value.typeId() == QMetaType::LongLong;
  if (role == kValueRole) return value;
  if (role == Qt::DisplayRole) return is_real ? QVariant(number_text(value.toDouble(), 5)) : value;
  if (role == Qt::ToolTipRole) return value.toString();
  if (role == Qt::TextAlignmentRole && is_number) {
    return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  }
  return {};
}

QVariant RowsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Horizontal && role == Qt::DisplayRole) return headings_.value(section);
  return {};
}

ProfileTables::ProfileTables(QWidget* parent)
    : QWidget(parent),
      counter_rows_(new RowsModel({tr("metric"), tr("value"), tr("set")}, this)),
      stall_rows_(new RowsModel(
          {tr("samples"), tr("share"), tr("reason"), tr("line"), tr("source"), tr("function")},
          this)),
      facility_rows_(new RowsModel({tr("facility"), tr("status"), tr("detail")}, this)),
      tabs_(new QTabWidget(this)),
      counters_(new TablePanel(tr("Counters"), *counter_rows_, nullptr, this)),
      stalls_(new TablePanel(tr("Stalls"), *stall_rows_, nullptr, this)),
      facilities_(new TablePanel(tr("Facilities"), *facility_rows_, nullptr, this)) {
  tabs_->setDocumentMode(true);
  tabs_->addTab(counters_, tr("Counters"));
  tabs_->addTab(stalls_, tr("Stalls"));
  tabs_->addTab(facilities_, tr("Facilities"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(tabs_);
}

void ProfileTables::set_report(const BalanceReport& report) {
  std::vector<RowsModel::Row> rows;
  for (const CounterRow& one : report.counters) rows.push_back({one.metric, one.value, one.set});
  counter_rows_->set_rows(std::move(rows));
  rows = {};
  for (const StallRow& one : report.stalls) {
    const QString place =
        one.file.isEmpty() ? QString() : QStringLiteral("%1:%2").arg(one.file).arg(one.line);
    rows.push_back({static_cast<qlonglong>(one.samples), one.share, one.reason, place,
                    one.text.trimmed(), one.function});
  }
  stall_rows_->set_rows(std::move(rows));
  rows = {};
  for (const FacilityRow& one : report.facilities)
    rows.push_back({one.name, one.status, one.detail});
  facility_rows_->set_rows(std::move(rows));
  tabs_->setTabText(0, tr("Counters (%1)").arg(report.counters.size()));
  tabs_->setTabText(1, tr("Stalls (%1)").arg(report.stalls.size()));
  tabs_->setTabText(2, tr("Facilities (%1)").arg(report.facilities.size()));
}

}  // namespace bsfa::gui
