// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>

#include "gui/models/lanes.h"
#include "gui/models/selection.h"
#include "gui/models/time_axis.h"

class QScrollBar;

namespace bsfa::gui {

/// Work items over time: a lane for each SM or worker, above them what was sampled meanwhile.
///
/// Mouse  wheel scrolls lanes, Shift+wheel time, Ctrl+wheel zooms at the cursor, drag pans, click
///        selects an item everywhere.
/// Keys   W and S zoom, A and D pan, Up and Down scroll lanes, Left and Right select the item
/// before
///        or after, F fits, Esc clears the selection.
class TimelineView : public QWidget {
  Q_OBJECT

 public:
  explicit TimelineView(SelectionModel& selection, QWidget* parent = nullptr);

  /// The launch of `layer`; null: none.
  void set_model(std::shared_ptr<const TimelineModel> model, std::int64_t layer);
  void set_color(ItemColor color);
  ItemColor color() const { return color_; }

  const Axis& axis() const { return axis_; }
  void set_view(const AxisView& view);
  void fit();
  /// Where an item is drawn; none where it is out of view.
  std::optional<QRectF> item_rect(const TimelineModel::Place& place) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void hovered(const QString& line);
  void view_changed(const bsfa::gui::AxisView& view);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Areas {
    QRectF heading, tracks, lanes;
    double lane_height = 0.0;
  };
  Areas areas() const;
  void lay_out();
  void view_moved();
  void zoom(double at_x, double factor);
  std::optional<TimelineModel::Place> place_at(const QPointF& point) const;
  std::optional<TimelineModel::Place> selected() const;
  void select(const TimelineModel::Place& place);
  void select_beside(int by);
  void clear_selection();
  void reveal(const TimelineModel::Place& place);
  void hover(const QPointF& point);
  void paint_lanes(QPainter& painter, const Areas& areas) const;
  void paint_tracks(QPainter& painter, const Areas& areas) const;
  void paint_selection(QPainter& painter, const Areas& areas) const;
  void paint_heading(QPainter& painter, const Areas& areas) const;
  QString heading() const;

  SelectionModel& selection_;
  std::shared_ptr<const TimelineModel> model_;
  std::int64_t layer_ = 0;
  ItemColor color_ = ItemColor::kHead;
  Axis axis_;
  QScrollBar* scroll_;
  std::optional<double> hover_x_;
  std::optional<QPointF> dragged_from_;
  bool has_dragged_ = false;
};

}  // namespace bsfa::gui
