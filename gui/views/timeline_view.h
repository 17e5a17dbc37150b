// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/lanes.h"
#include "gui/models/selection.h"
#include "gui/models/time_axis.h"

class QMenu;
class QScrollBar;
class QToolButton;

namespace bsfa::gui {

struct Theme;

/// What spans of a kind are filled with; text on it is readable.
QColor span_color(const Theme& colors, traces::SpanKind kind);

/// Work items over time: a lane for each SM or worker, above them what the host and the device did
/// around the launch, and what was sampled meanwhile.
///
/// Mouse  wheel scrolls lanes, Shift+wheel time, Ctrl+wheel zooms at the cursor, drag pans, click
///        selects an item everywhere, or a span and its time.
/// Keys   W and S zoom, A and D pan, Up and Down scroll lanes, Left and Right select the item
///        before or after, Page Up and Page Down the span; F fits the work items and then all, Esc
///        clears the selection.
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
  /// The work items; where they are what is seen, all spans too.
  void fit();
  /// Series by their full names; those that a trace has not are left out. Until somebody chooses,
  /// the first four are shown.
  void show_series(const QStringList& names);
  QStringList shown_series() const;
  QToolButton& series_button() const { return *series_button_; }
  QToolButton& color_button() const { return *color_button_; }
  /// Index of the span that was chosen here; -1: none.
  int chosen_span() const { return span_; }
  /// Where a span is drawn; none where it is out of view.
  std::optional<QRectF> span_rect(std::size_t span) const;
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
    QRectF heading, spans, tracks, lanes;
    double lane_height = 0.0, span_height = 0.0;
    std::size_t span_rows = 0, track_count = 0;  ///< those that there is room for
  };
  Areas areas() const;
  void place_spans(Areas& made, double line, double room) const;
  void place_tracks(Areas& made, double line, double room) const;
  void lay_out();
  void make_menus();
  void fill_menus();
  QString hovered_line(const QPointF& point) const;
  int span_at(const QPointF& point) const;
  void select_span(int span, std::optional<double> time_ns);
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
  void paint_spans(QPainter& painter, const Areas& areas) const;
  void paint_span(QPainter& painter, const TimelineSpan& span, const QRectF& box) const;
  void paint_tracks(QPainter& painter, const Areas& areas) const;
  void paint_track(QPainter& painter, const TimelineSeries& series, const QRectF& box,
                   const QColor& color) const;
  void paint_scale(QPainter& painter, const TimelineSeries& series, const QRectF& box) const;
  void paint_legend(QPainter& painter, QRectF& line) const;
  void paint_selection(QPainter& painter, const Areas& areas) const;
  void paint_heading(QPainter& painter, const Areas& areas) const;
  QString heading(const Areas& areas) const;

  SelectionModel& selection_;
  std::shared_ptr<const TimelineModel> model_;
  std::int64_t layer_ = 0;
  ItemColor color_ = ItemColor::kHead;
  Axis axis_;
  QScrollBar* scroll_;
  QToolButton *color_button_, *series_button_;
  std::optional<QStringList> wanted_series_;  ///< by somebody's choice
  std::vector<std::size_t> series_;           ///< shown ones, indices into the model's
  int span_ = -1;
  std::optional<double> hover_x_;
  std::optional<QPointF> dragged_from_;
  bool has_dragged_ = false;
};

}  // namespace bsfa::gui
