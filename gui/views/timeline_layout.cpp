// SPDX-License-Identifier: GPL-3.0-or-later
#include <QScrollBar>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "gui/views/theme.h"
#include "gui/views/timeline_view.h"

namespace bsfa::gui {

TimelineView::Areas TimelineView::areas() const {
  Areas made;
  const QFontMetricsF small(small_font(*this));
  const double line = small.height();
  const double left = small.horizontalAdvance(QStringLiteral("worker 000")) + 10.0;
  const double right = width() - scroll_->sizeHint().width() - 4.0;
  const double heading = std::max(line + 6.0, color_button_->sizeHint().height() + 2.0);
  const double ruler = 2.0 * line + 10.0;
  const double room = height() - heading - ruler;
  made.heading = QRectF(4.0, 0.0, std::max(0.0, color_button_->x() - 12.0), heading);
  made.spans = QRectF(left, heading, right - left, 0.0);
  place_spans(made, line, room);
  const double below = made.spans.bottom() + (made.span_rows == 0 ? 0.0 : 4.0);
  made.tracks = QRectF(left, below, right - left, 0.0);
  place_tracks(made, line, room);
  const double top = made.tracks.bottom() + (made.track_count == 0 ? 0.0 : 4.0);
  made.lanes = QRectF(left, top, right - left, std::max(0.0, heading + room - top));
  // All lanes at once where each still has four pixels, else they scroll.
  const double count =
      model_ ? static_cast<double>(std::max<std::size_t>(model_->lanes().size(), 1)) : 1.0;
  made.lane_height = std::clamp(made.lanes.height() / count, 4.0, 3.0 * line);
  return made;
}

void TimelineView::place_spans(Areas& made, double line, double room) const {
  made.span_height = line + 3.0;
  if (!model_ || room < 4.0 * made.span_height) return;
  const double share = model_->without_items() ? 0.6 : 0.25;
  const auto fitting = std::max(1.0, std::floor(share * room / made.span_height));
  made.span_rows = std::min(model_->spans().rows.size(), static_cast<std::size_t>(fitting));
  made.spans.setHeight(static_cast<double>(made.span_rows) * made.span_height);
}

void TimelineView::place_tracks(Areas& made, double line, double room) const {
  if (series_.empty()) return;
  const double least = 1.4 * line, most = 2.4 * line;
  const double space = room * (series_.size() > 4 ? 0.5 : 0.35);
  made.track_count =
      std::min(series_.size(), static_cast<std::size_t>(std::max(0.0, space) / least));
  if (made.track_count == 0) return;
  const auto count = static_cast<double>(made.track_count);
  made.tracks.setHeight(std::min(space, count * most));
}

void TimelineView::lay_out() {
  int right = width() - 4;
  for (QToolButton* button : {series_button_, color_button_}) {
    // Not isVisible(): that is false until the window is shown.
    if (button->isHidden()) continue;
    button->setFont(small_font(*this));
    const QSize size = button->sizeHint();
    right -= size.width();
    button->setGeometry(right, 1, size.width(), size.height());
    right -= 4;
  }
  const Areas places = areas();
  axis_.set_pixels(std::max(1.0, places.lanes.width()));
  const double needed =
      model_ ? places.lane_height * static_cast<double>(model_->lanes().size()) : 0.0;
  scroll_->setGeometry(static_cast<int>(places.lanes.right()) + 2,
                       static_cast<int>(places.lanes.top()), scroll_->sizeHint().width(),
                       static_cast<int>(places.lanes.height()));
  const int beyond = static_cast<int>(std::ceil(needed - places.lanes.height() - 0.5));
  scroll_->setRange(0, std::max(0, beyond));
  scroll_->setPageStep(std::max(1, static_cast<int>(places.lanes.height())));
  scroll_->setSingleStep(std::max(1, static_cast<int>(places.lane_height)));
  scroll_->setVisible(beyond > 0);
  update();
}

std::optional<TimelineModel::Place> TimelineView::place_at(const QPointF& point) const {
  const Areas places = areas();
  if (!model_ || !places.lanes.contains(point)) return std::nullopt;
  const double y = point.y() - places.lanes.top() + scroll_->value();
  const auto lane = static_cast<std::size_t>(y / places.lane_height);
  if (lane >= model_->lanes().size()) return std::nullopt;
  const double time = axis_.to_value(point.x() - places.lanes.left());
  const TimelineItem* item = model_->hit(lane, time, 2.0 * axis_.per_pixel());
  if (item == nullptr) return std::nullopt;
  return TimelineModel::Place{lane,
                              static_cast<std::size_t>(item - model_->lanes()[lane].items.data())};
}

std::optional<QRectF> TimelineView::item_rect(const TimelineModel::Place& place) const {
  const Areas places = areas();
  const TimelineItem& item = model_->lanes()[place.lane].items[place.item];
  const double left = axis_.to_pixel(item.start_ns), right = axis_.to_pixel(item.end_ns);
  const double top = static_cast<double>(place.lane) * places.lane_height - scroll_->value();
  if (right < 0.0 || left > places.lanes.width() || top + places.lane_height < 0.0 ||
      top > places.lanes.height()) {
    return std::nullopt;
  }
  return QRectF(places.lanes.left() + left, places.lanes.top() + top, std::max(1.0, right - left),
                places.lane_height);
}

void TimelineView::reveal(const TimelineModel::Place& place) {
  const Areas places = areas();
  const TimelineItem& item = model_->lanes()[place.lane].items[place.item];
  if (item.end_ns < axis_.view().begin || item.start_ns > axis_.view().end) {
    axis_.reveal(item.start_ns, item.end_ns);
    view_moved();
  }
  const double top = static_cast<double>(place.lane) * places.lane_height;
  if (top < scroll_->value() ||
      top + places.lane_height > scroll_->value() + places.lanes.height()) {
    scroll_->setValue(static_cast<int>(top - places.lanes.height() / 2.0));
  }
}

int TimelineView::span_at(const QPointF& point) const {
  const Areas places = areas();
  if (!model_ || places.span_rows == 0 || !places.spans.contains(point)) return -1;
  const auto row =
      std::min(places.span_rows - 1,
               static_cast<std::size_t>((point.y() - places.spans.top()) / places.span_height));
  const double time = axis_.to_value(point.x() - places.lanes.left());
  const double reach = 2.0 * axis_.per_pixel();
  int nearest = -1;
  double least = reach;
  for (const TimelineSpan& span : model_->spans().visible(row, time - reach, time + reach)) {
    const double distance = std::max({0.0, span.start_ns - time, time - span.end_ns});
    if (distance > least || (nearest >= 0 && distance == least)) continue;
    nearest = static_cast<int>(&span - model_->spans().spans.data());
    least = distance;
  }
  return nearest;
}

std::optional<QRectF> TimelineView::span_rect(std::size_t span) const {
  const Areas places = areas();
  const TimelineSpan& of = model_->spans().spans[span];
  const auto row = static_cast<std::size_t>(of.row);
  if (row >= places.span_rows || of.end_ns < axis_.view().begin || of.start_ns > axis_.view().end) {
    return std::nullopt;
  }
  const double left = std::max(0.0, axis_.to_pixel(of.start_ns));
  const double right = std::min(places.spans.width(), axis_.to_pixel(of.end_ns));
  return QRectF(places.spans.left() + left,
                places.spans.top() + static_cast<double>(row) * places.span_height,
                std::max(1.0, right - left), places.span_height - 1.0);
}

}  // namespace bsfa::gui
