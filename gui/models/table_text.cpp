// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/table_text.h"

#include <cmath>
#include <functional>
#include <set>
#include <vector>

namespace bsfa::gui {
namespace {

using Escape = std::function<QString(const QString&)>;

QString text_of(const QVariant& value) {
  switch (value.metaType().id()) {
    case QMetaType::Float:
      return QString::number(static_cast<double>(value.toFloat()), 'g', 9);
    case QMetaType::Double:
      return QString::number(value.toDouble(), 'g', 17);
    default:
      return value.toString();
  }
}

/// The full value of a cell; tables that are not ours have only what they show.
QString cell_text(const QAbstractItemModel& model, int row, int column) {
  const QModelIndex index = model.index(row, column);
  const QVariant value = model.data(index, kValueRole);
  if (value.isValid()) return text_of(value);
  // A table with values leaves this one out because it does not exist.
  for (int other = 0; other < model.columnCount(); ++other) {
    if (model.data(model.index(row, other), kValueRole).isValid()) return {};
  }
  return model.data(index, Qt::DisplayRole).toString();
}

QString table_text(const QAbstractItemModel& model, const std::vector<int>& rows, QChar separator,
                   const QString& line_end, const Escape& escape) {
  QString out;
  const int columns = model.columnCount();
  const auto end_cell = [&](int column) {
    out += column + 1 < columns ? QString(separator) : line_end;
  };
  for (int column = 0; column < columns; ++column) {
    out += escape(model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    end_cell(column);
  }
  for (const int row : rows) {
    for (int column = 0; column < columns; ++column) {
      out += escape(cell_text(model, row, column));
      end_cell(column);
    }
  }
  return out;
}

std::vector<int> all_rows(const QAbstractItemModel& model) {
  std::vector<int> rows(static_cast<std::size_t>(model.rowCount()));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int>(i);
  return rows;
}

QString tsv(const QAbstractItemModel& model, const std::vector<int>& rows) {
  return table_text(model, rows, QLatin1Char('\t'), QStringLiteral("\n"), [](const QString& text) {
    QString flat = text;
    for (QChar& c : flat) {
      if (c == QLatin1Char('\t') || c == QLatin1Char('\n') || c == QLatin1Char('\r'))
        c = QLatin1Char(' ');
    }
    return flat;
  });
}

}  // namespace

bool sorts_before(const QVariant& value, const QVariant& other, Qt::SortOrder order) {
  if (!value.isValid() || !other.isValid()) {
    const bool ascending = order == Qt::AscendingOrder;
    return ascending ? value.isValid() && !other.isValid() : !value.isValid() && other.isValid();
  }
  const double x = value.toDouble(), y = other.toDouble();
  if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
  return x < y;
}

QVariant header_of(std::span<const ColumnText> columns, int section, Qt::Orientation orientation,
                   int role) {
  if (orientation != Qt::Horizontal || section < 0) return {};
  const auto at = static_cast<std::size_t>(section);
  if (at >= columns.size()) return {};
  if (role == Qt::DisplayRole) return QString::fromUtf8(columns[at].title);
  if (role == Qt::ToolTipRole) return QString::fromUtf8(columns[at].tip);
  return {};
}

QString to_tsv(const QAbstractItemModel& model) {
  return tsv(model, all_rows(model));
}

QString to_tsv(const QAbstractItemModel& model, const QModelIndexList& cells) {
  std::set<int> rows;
  for (const QModelIndex& cell : cells) rows.insert(cell.row());
  return tsv(model, {rows.begin(), rows.end()});
}

QString to_csv(const QAbstractItemModel& model) {
  return table_text(model, all_rows(model), QLatin1Char(','), QStringLiteral("\r\n"),
                    [](const QString& text) {
                      static const QString kSpecial = QStringLiteral(",\"\r\n");
                      bool quoted = false;
                      for (const QChar c : text) quoted = quoted || kSpecial.contains(c);
                      if (!quoted) return text;
                      QString inside = text;
                      inside.replace(QLatin1Char('"'), QStringLiteral("\"\""));
                      return QLatin1Char('"') + inside + QLatin1Char('"');
                    });
}

}  // namespace bsfa::gui
