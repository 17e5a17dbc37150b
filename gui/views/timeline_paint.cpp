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

void TimelineView::paint_tracks(QPainter& painter, const Areas& places) const {
  const Theme& colors = theme_of(*this);
  const std::size_t count = std::min<std::size_t>(model_->series().size(), 4);
  if (count == 0 || places.tracks.height() < 4.0) return;
  painter.fillRect(places.tracks, colors.canvas);
  painter.save();
  painter.setClipRect(places.tracks.adjusted(0, -1, 0, 1));
  const double each = places.tracks.height() / static_cast<double>(count);
  const double line = painter.fontMetrics().height();
  for (std::size_t i = 0; i < count; ++i) {
    const TimelineSeries& series = model_->series()[i];
    const double top = places.tracks.top() + static_cast<double>(i) * each;
    const double span =
        std::max(1e-12, static_cast<double>(series.high - std::min(series.low, 0.0F)));
    QPolygonF shape;
    const auto& times = series.time_ns;
    auto from = std::lower_bound(times.begin(), times.end(), axis_.view().begin);
    if (from != times.begin()) --from;
    // No more points than pixels: of those on one pixel the largest stays.
    double last_x = -1.0;
    for (auto at = from; at != times.end(); ++at) {
      const float value = series.values[static_cast<std::size_t>(at - times.begin())];
      if (!std::isfinite(value)) continue;
      const double x = places.tracks.left() + std::floor(axis_.to_pixel(*at));
      const double y =
          top + each - 2.0 -
          (static_cast<double>(value) - std::min(static_cast<double>(series.low), 0.0)) / span *
              (each - 4.0);
      if (x == last_x && !shape.isEmpty()) {
        shape.back().setY(std::min(shape.back().y(), y));
      } else {
        shape << QPointF(x, y);
      }
      last_x = x;
      if (x > places.tracks.right()) break;
    }
    painter.setPen(QPen(colors.series[i % colors.series.size()], 1.3));
    painter.drawPolyline(shape);
    const QString name =
        tr("%1, up to %2").arg(series.name, number_text(static_cast<double>(series.high), 3));
    const QRectF label(places.tracks.left() + 4.0, top,
                       painter.fontMetrics().horizontalAdvance(name) + 6.0, line);
    QColor behind = colors.canvas;
    behind.setAlpha(200);
    painter.fillRect(label, behind);
    painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter, name);
  }
  painter.restore();
  painter.setPen(colors.border);
  painter.drawRect(places.tracks.adjusted(-0.5, -0.5, 0.5, -0.5));
}

void TimelineView::paint_selection(QPainter& painter, const Areas& places) const {
  const Theme& colors = theme_of(*this);
  painter.save();
  if (hover_x_) {
    QColor line = colors.crosshair;
    line.setAlpha(150);
    painter.setPen(line);
    painter.drawLine(QPointF(*hover_x_, places.tracks.top()),
                     QPointF(*hover_x_, places.lanes.bottom()));
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

QString TimelineView::heading() const {
  if (!model_ || model_->empty()) return tr("No work items");
  QString text = tr("%1 work items on %2 lanes · colour: %3")
                     .arg(model_->item_count())
                     .arg(model_->lanes().size())
                     .arg(name_of(color_));
  if (color_ == ItemColor::kDuration) {
    text += tr(", %1 to %2")
                .arg(duration_text(model_->shortest_ns()), duration_text(model_->longest_ns()));
  }
  if (model_->set_aside() > 0) text += tr(" · %1 records set aside").arg(model_->set_aside());
  if (model_->series().size() > 4)
    text += tr(" · 4 of %1 sampled series").arg(model_->series().size());
  return text;
}

void TimelineView::paint_heading(QPainter& painter, const Areas& places) const {
  const Theme& colors = theme_of(*this);
  painter.setPen(colors.muted);
  QRectF line = places.heading;
  if (model_ && !model_->empty() && color_ != ItemColor::kHead) {
    // Density and duration lie on a scale, which needs its bar.
    const double width = 7.0 * painter.fontMetrics().height(), height = 0.6 * line.height();
    const QString low =
        color_ == ItemColor::kDensity ? QStringLiteral("0") : duration_text(model_->shortest_ns());
    const QString high =
        color_ == ItemColor::kDensity ? QStringLiteral("1") : duration_text(model_->longest_ns());
    const double high_width = painter.fontMetrics().horizontalAdvance(high) + 4.0;
    const double low_width = painter.fontMetrics().horizontalAdvance(low) + 4.0;
    const QRectF bar(line.right() - high_width - width, (line.height() - height) / 2.0, width,
                     height);
    QImage strip(256, 1, QImage::Format_RGB32);
    for (int x = 0; x < 256; ++x) strip.setPixel(x, 0, viridis()[static_cast<std::size_t>(x)]);
    painter.drawImage(bar, strip);
    painter.drawText(QRectF(bar.right() + 4.0, 0, high_width, line.height()), Qt::AlignVCenter,
                     high);
    painter.drawText(QRectF(bar.left() - low_width, 0, low_width, line.height()), Qt::AlignVCenter,
                     low);
    line.setRight(bar.left() - low_width - 8.0);
  }
  painter.drawText(
      line, Qt::AlignLeft | Qt::AlignVCenter,
      QFontMetricsF(painter.font()).elidedText(heading(), Qt::ElideRight, line.width()));
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
  paint_tracks(painter, places);
  painter.setPen(hasFocus() ? colors.selection : colors.border);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(places.lanes.adjusted(-0.5, -0.5, 0.5, 0.5));
  paint_selection(painter, places);
  const double line = painter.fontMetrics().height();
  draw_axis(painter, colors, places.lanes, time_ticks_of(axis_, 6.0 * line),
            [&](double time) { return places.lanes.left() + axis_.to_pixel(time); },
            {Qt::BottomEdge, tr("time since the first item started"), 4.0});
}

}  // namespace bsfa::gui
