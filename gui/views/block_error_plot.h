// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "gui/models/block_table.h"
#include "gui/models/selection.h"
#include "gui/views/plot.h"

class QCPBars;
class QCPGraph;

namespace bsfa::gui {

/// One of the three errors over the Q blocks of a head, with its bound where it has one; faults in
/// the colour and with the mark of faults. A click selects the Q block, arrow keys the next.
class BlockErrorPlot : public Plot {
  Q_OBJECT

 public:
  BlockErrorPlot(BlockError error, SelectionModel& selection, QWidget* parent = nullptr);

  /// Null: nothing.
  void set_head(const traces::Sequence* sequence, std::int64_t head);
  std::size_t faults() const { return faults_; }

 protected:
  void restyle_data(const Theme& colors) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void select_nearest(double q_block);
  void step(int by);
  void follow();

  BlockError error_;
  SelectionModel& selection_;
  std::vector<std::int64_t> q_blocks_;
  QCPBars *right_, *wrong_;
  QCPGraph* marks_;
  int place_line_ = -1, bound_line_ = -1;
  std::size_t faults_ = 0;
};

}  // namespace bsfa::gui
