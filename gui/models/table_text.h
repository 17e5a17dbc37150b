// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include <QtCore/QAbstractItemModel>
#include <QtCore/QModelIndexList>
#include <QtCore/QString>
#include <QtCore/QVariant>

namespace bsfa::gui {

/// Role under which our tables give the plain value that a cell shows: a number in full, or text.
/// Sorting goes by it. An invalid one is a value that does not exist.
inline constexpr int kValueRole = Qt::UserRole + 1;

/// Order of two values as tables sort them: what does not exist comes last in either order, and a
/// NaN is worse than any number.
bool sorts_before(const QVariant& value, const QVariant& other, Qt::SortOrder order);

/// What a column is called, and what it means.
struct ColumnText {
  const char* title;
  const char* tip;
};

/// headerData() of a table of these columns.
QVariant header_of(std::span<const ColumnText> columns, int section, Qt::Orientation orientation,
                   int role);

/// A table with its header row, as spreadsheets paste it. Values are full numbers, not what is
/// shown; what does not exist is empty. Tabs and line ends inside cells become blanks.
QString to_tsv(const QAbstractItemModel& model);
/// Only the rows of these cells, in the model's order, with the header row.
QString to_tsv(const QAbstractItemModel& model, const QModelIndexList& cells);
/// RFC 4180: quoted where needed, lines end in CR LF.
QString to_csv(const QAbstractItemModel& model);

}  // namespace bsfa::gui
