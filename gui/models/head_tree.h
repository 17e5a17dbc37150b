// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <QtCore/QAbstractItemModel>
#include <QtCore/QSortFilterProxyModel>

#include "gui/models/head_figures.h"

namespace bsfa::gui {

/// The heads of a table as a tree: run, layer (and batch entry), head.
///
/// A head's cells are those of the table, whatever it says of them. A layer and the run sum up
/// their heads: mean density and retained mass, all ties and violations, the worst of the rest.
class HeadTreeModel : public QAbstractItemModel {
  Q_OBJECT

 public:
  enum Column {
    kName,
    kDensity,
    kRetainedMass,
    kArithmetic,
    kTies,
    kViolations,
    kMethod,
    kImbalance,
    kColumnCount,
  };
  /// Place in the order of is_worse(), 0 first; of a layer or run that of its worst head.
  static constexpr int kRankRole = Qt::UserRole + 32;

  /// The table outlives the tree.
  explicit HeadTreeModel(HeadTableModel& table, QObject* parent = nullptr);

  /// Name of the run, as its row says.
  void set_run(const QString& name);
  /// Invalid where there is no such head.
  QModelIndex index_of(HeadKey key) const;
  /// The head of a row; the worst of a layer's or run's row. None without heads.
  std::optional<HeadKey> key_at(const QModelIndex& index) const;
  bool is_head(const QModelIndex& index) const;
  /// Row of a head in the table; -1: of anything else.
  int table_row(const QModelIndex& index) const;

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& index) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  /// What a layer or the run says of its heads.
  struct Summary {
    std::array<QVariant, kColumnCount> values;
    bool failed = false, approximate = false;
    int worst = -1;  ///< row of the table
  };
  struct Layer {
    SequenceKey key;
    std::vector<int> rows;  ///< of the table
  };
  void rebuild();
  void table_changed(int first_row, int last_row);
  void rank() const;
  Summary summary_of(const std::vector<int>& rows) const;
  const Summary& summary(const QModelIndex& index) const;
  QVariant summary_data(const QModelIndex& index, int role) const;
  QString layer_name(SequenceKey key) const;

  HeadTableModel& table_;
  QString run_;
  std::vector<Layer> layers_;
  std::vector<std::pair<int, int>> places_;  ///< layer and place in it, by row of the table
  mutable std::vector<int> ranks_;           ///< by row of the table; empty: not ranked yet
  mutable std::vector<std::optional<Summary>> summaries_;  ///< of the run, then of each layer
};

/// Sorts each level by a column, or worst heads first, and shows the heads that a filter of the
/// table accepts.
class HeadTreeFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  /// Both outlive this; `heads` filters the tree's table.
  HeadTreeFilter(HeadTreeModel& tree, HeadFilter& heads, QObject* parent = nullptr);

  void set_text(const QString& text);
  void sort_worst_first();
  bool worst_first() const { return worst_first_; }
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
  bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

 private:
  HeadTreeModel& tree_;
  HeadFilter& heads_;
  bool has_text_ = false, worst_first_ = false;
};

}  // namespace bsfa::gui
