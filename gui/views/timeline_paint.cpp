// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "gui/models/color_map.h"
#include "gui/views/axis.h"
#include "gui/views/theme.h"
#include "gui/views/timeline_view.h"

namespace bsfa::gui {
namespace {

/// Items of one lane as horizontal runs. Those thinner than a pixel share it: the pixel takes the
/// colour of the item that covers most of it, so that thousands of items cost no more than pixels.
class LaneRuns {
 public:
  LaneRuns(QImage& image, int top, int bottom) : image_(image), top_(top), bottom_(bottom) {}

  void add(double left, double right, QRgb color, bool has_gap) {
    const int first = std::max(0, static_cast<int>(std::floor(left)));
    const int last = std::min(image_.width() - 1, static_cast<int>(std::ceil(right)) - 1);
    if (last <= first) {
      thin(first, right - left, color);
      return;
    }
    flush();
    // A gap of a pixel tells neighbours of one colour apart, where there is room for it.
    fill(first, has_gap && last - first > 3 ? last : last + 1, color);
  }
  void flush() {
    if (pixel_ >= 0) fill(pixel_, pixel_ + 1, color_);
    pixel_ = -1, cover_ = 0.0;
  }

 private:
  void thin(int pixel, double cover, QRgb color) {
    if (pixel != pixel_) flush();
    if (pixel >= image_.width()) return;
    if (pixel_ < 0 || cover > cover_) color_ = color, cover_ = cover;
    pixel_ = pixel;
  }
  void fill(int from, int to, QRgb color) {
    to = std::min(to, image_.width());
    for (int y = top_; y < bottom_; ++y) {
      auto* line = reinterpret_cast<QRgb*>(image_.scanLine(y));
      std::fill(line + from, line + std::max(from, to), color);
    }
  }

  QImage& image_;
  int top_, bottom_;
  int pixel_ = -1;
  double cover_ = 0.0;
  QRgb color_ = 0;
};

}  // namespace

void TimelineView::paint_lanes(QPainter& painter, const Areas& places) const {
  const Theme& colors = theme_of(*this);
  const double ratio = devicePixelRatioF();
  const QSize pixels = (places.lanes.size() * ratio).toSize();
  if (pixels.isEmpty()) return;
  QImage image(pixels, QImage::Format_RGB32);
  image.fill(colors.canvas);
  const auto first = static_cast<std::size_t>(scroll_->value() / places.lane_height);
  const double gap = places.lane_height >= 6.0 ? 1.0 : 0.0;
  for (std::size_t lane = first; lane < model_->lanes().size(); ++lane) {
    const double y = static_cast<double>(lane) * places.lane_height - scroll_->value();
    if (y >= places.lanes.height()) break;
    const int top = std::max(0, static_cast<int>(std::lround(y * ratio)));
    const int bottom = std::min(
        pixels.height(), static_cast<int>(std::lround((y + places.lane_height - gap) * ratio)));
    LaneRuns runs(image, top, bottom);
    for (const TimelineItem& item : model_->visible(lane, axis_.view().begin, axis_.view().end)) {
      runs.add(axis_.to_pixel(item.start_ns) * ratio, axis_.to_pixel(item.end_ns) * ratio,
               model_->color_of(item, color_), true);
    }
    runs.flush();
  }
  image.setDevicePixelRatio(ratio);
  painter.drawImage(places.lanes.topLeft(), image);

  painter.setPen(colors.muted);
  const double line = painter.fontMetrics().height();
  double below = -1.0;
  for (std::size_t lane = first; lane < model_->lanes().size(); ++lane) {
    const double y = static_cast<double>(lane) * places.lane_height - scroll_->value();
    if (y + places.lane_height > places.lanes.height() + 1.0) break;
    if (y < below || model_->lanes()[lane].label.isEmpty()) continue;
    const QRectF box(0.0, places.lanes.top() + y + (places.lane_height - line) / 2.0,
                     places.lanes.left() - 6.0, line);
    painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter, model_->lanes()[lane].label);
    below = y + line;
  }
}

void TimelineView::paint_selection(QPainter& painter, const Areas& places) const {
  const Theme& colors = theme_of(*this);
  painter.save();
  if (hover_x_) {
    QColor line = colors.crosshair;
    line.setAlpha(150);
    painter.setPen(line);
    painter.drawLine(QPointF(*hover_x_, places.spans.top()),
                     QPointF(*hover_x_, places.lanes.bottom()));
  }
  const Selection& now = selection_.current();
  const double time_x = places.lanes.left() + axis_.to_pixel(now.time_ns);
  if (now.layer == layer_ && now.unit < 0 && now.time_ns >= 0.0 && time_x <= places.lanes.right() &&
      time_x >= places.lanes.left()) {
    painter.setPen(QPen(colors.selection, 2.0));
    painter.drawLine(QPointF(time_x, places.spans.top()), QPointF(time_x, places.lanes.bottom()));
  }
  if (span_ >= 0) {
    if (const auto found = span_rect(static_cast<std::size_t>(span_))) {
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(colors.crosshair, 2.0));
      painter.drawRect(*found);
    }
  }
  if (const auto place = selected()) {
    if (const auto found = item_rect(*place)) {
      painter.setClipRect(places.lanes.adjusted(-2, -2, 2, 2));
      const QRectF frame = found->adjusted(-1.0, -1.0, 1.0, 0.0);
      painter.setBrush(Qt::NoBrush);
      painter.setPen(QPen(colors.canvas, 4.0));
      painter.drawRect(frame);
      painter.setPen(QPen(colors.crosshair, 2.0));
      painter.drawRect(frame);
    }
  }
  painter.restore();
}

QString TimelineView::heading(const Areas& places) const {
  if (!model_ || model_->empty()) return tr("No work items");
  QStringList parts;
  parts << (model_->without_items() ? tr("No work items")
                                    : tr("%1 work items on %2 lanes")
                                          .arg(model_->item_count())
                                          .arg(model_->lanes().size()));
  if (model_->set_aside() > 0) parts << tr("%1 records set aside").arg(model_->set_aside());
  const SpanRows& spans = model_->spans();
  if (places.span_rows < spans.rows.size())
    parts << tr("%1 of %2 rows of spans fit").arg(places.span_rows).arg(spans.rows.size());
  if (spans.left_out > 0) parts << tr("the %1 shortest spans left out").arg(spans.left_out);
  if (!spans.spans.empty() && !spans.has_launch) parts << tr("spans from their own first start");
  if (places.track_count < series_.size())
    parts << tr("%1 of %2 chosen series fit").arg(places.track_count).arg(series_.size());
  return parts.join(QStringLiteral(" · "));
}

void TimelineView::paint_legend(QPainter& painter, QRectF& line) const {
  // Density and duration lie on a scale, which needs its bar.
  const double width = 7.0 * painter.fontMetrics().height(), height = 0.6 * line.height();
  const bool is_density = color_ == ItemColor::kDensity;
  const QString low = is_density ? QStringLiteral("0") : duration_text(model_->shortest_ns());
  const QString high = is_density ? QStringLiteral("1") : duration_text(model_->longest_ns());
  const double high_width = painter.fontMetrics().horizontalAdvance(high) + 4.0;
  const double low_width = painter.fontMetrics().horizontalAdvance(low) + 4.0;
  const QRectF bar(line.right() - high_width - width, (line.height() - height) / 2.0, width,
                   height);
  QImage strip(256, 1, QImage::Format_RGB32);
  for (int x = 0; x < 256; ++x) strip.setPixel(x, 0, viridis()[static_cast<std::size_t>(x)]);
  painter.drawImage(bar, strip);
  painter.drawText(QRectF(bar.right() + 4.0, 0, high_width, line.height()), Qt::AlignVCenter, high);
  painter.drawText(QRectF(bar.left() - low_width, 0, low_width, line.height()), Qt::AlignVCenter,
                   low);
  line.setRight(bar.left() - low_width - 8.0);
}

void TimelineView::paint_heading(QPainter& painter, const Areas& places) const {
  painter.setPen(theme_of(*this).muted);
  QRectF line = places.heading;
  if (model_ && !model_->without_items() && color_ != ItemColor::kHead) paint_legend(painter, line);
  painter.drawText(
      line, Qt::AlignLeft | Qt::AlignVCenter,
      QFontMetricsF(painter.font()).elidedText(heading(places), Qt::ElideRight, line.width()));
}

void TimelineView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& colors = theme_of(*this);
  painter.fillRect(rect(), colors.panel);
  painter.setFont(small_font(*this));
  const Areas places = areas();
  if (places.lanes.width() < 1.0 || places.lanes.height() < 1.0) return;
  paint_heading(painter, places);
  if (!model_ || model_->empty()) {
    painter.fillRect(places.lanes, colors.canvas);
    painter.setPen(colors.muted);
    painter.drawText(places.lanes, Qt::AlignCenter,
                     tr("This trace holds no work records with times."));
    return;
  }
  paint_lanes(painter, places);
  paint_spans(painter, places);
  paint_tracks(painter, places);
  painter.setPen(hasFocus() ? colors.selection : colors.border);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(places.lanes.adjusted(-0.5, -0.5, 0.5, 0.5));
  paint_selection(painter, places);
  const double line = painter.fontMetrics().height();
  draw_axis(painter, colors, places.lanes, time_ticks_of(axis_, 6.0 * line),
            [&](double time) { return places.lanes.left() + axis_.to_pixel(time); },
            {Qt::BottomEdge,
             model_->without_items() ? tr("time") : tr("time since the first item started"), 4.0});
}

}  // namespace bsfa::gui
