// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>
#include <vector>

#include "gui/models/block_table.h"
#include "gui/models/selection.h"

namespace bsfa::gui {

class HeatmapView;

/// The three errors of each Q block as bars beside a heatmap's rows: one column an error, each on
/// its own scale, which its heading names. Faults are marked by shape as well as by colour.
///
/// Mouse  click selects the Q block of the row.
class ErrorStrip : public QWidget {
  Q_OBJECT

 public:
  /// Lies beside `heatmap`, whose rows and selection it follows.
  ErrorStrip(HeatmapView& heatmap, SelectionModel& selection, QWidget* parent = nullptr);

  /// `sequence` may be null: nothing is known.
  void set_head(const traces::Sequence* sequence, std::int64_t head);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return sizeHint(); }

 signals:
  void hovered(const QString& line);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Column {
    std::vector<float> values;  ///< by row; NaN: not known
    std::vector<bool> faults;
    double top = 1.0;  ///< what the column's width stands for
  };
  int row_at(double y) const;
  QRectF column_area(std::size_t column) const;
  void paint_column(QPainter& painter, std::size_t column) const;
  QString line(int row) const;

  HeatmapView& heatmap_;
  SelectionModel& selection_;
  std::vector<std::int64_t> q_blocks_;
  std::vector<BlockFigures> blocks_;
  std::array<Column, 3> columns_;
};

}  // namespace bsfa::gui
