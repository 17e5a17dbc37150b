// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <memory>

#include "gui/models/block_table.h"
#include "gui/models/selection.h"

class QLabel;
class QTabWidget;
class QTableWidget;

namespace bsfa::gui {

class BlockErrorPlot;
class TablePanel;
class VerdictLabel;

/// Why an output differs from dense attention, the three reasons apart: a plot over Q blocks each,
/// the blocks as a table and the worst tiles, each reachable by a click.
class ErrorView : public QWidget {
  Q_OBJECT

 public:
  explicit ErrorView(SelectionModel& selection, QWidget* parent = nullptr);

  /// Null: no trace.
  void set_sequence(std::shared_ptr<const TraceFile> file, SequenceKey key, std::int64_t head);
  /// Null while the head is being loaded: no worst tiles.
  void set_head(const std::shared_ptr<const HeadArrays>& head);

  BlockTableModel& blocks() { return blocks_; }
  TablePanel& block_table() const { return *table_; }
  QTableWidget& tile_table() const { return *tiles_; }
  const BlockErrorPlot& plot(BlockError error) const {
    return *plots_[static_cast<std::size_t>(error)];
  }

 private:
  void show_verdict(const TraceFile& file);
  void follow();

  SelectionModel& selection_;
  std::shared_ptr<const TraceFile> file_;
  SequenceKey key_;
  std::int64_t head_index_ = -1;
  BlockTableModel blocks_;
  VerdictLabel* verdict_;
  QLabel* summary_;
  std::array<BlockErrorPlot*, 3> plots_{};
  QTabWidget* tabs_;
  TablePanel* table_;
  QTableWidget* tiles_;
  std::vector<TilePlace> worst_;
};

}  // namespace bsfa::gui
