// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/axis.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "gui/views/theme.h"

namespace bsfa::gui {
QString number_text(double value, int digits) {
  if (std::isnan(value)) return QStringLiteral("NaN");
  if (std::isinf(value)) return value > 0 ? QStringLiteral("+∞") : QStringLiteral("−∞");
  QString text = QString::number(value, 'g', digits);
  if (text.startsWith(QLatin1Char('-'))) text.replace(0, 1, QStringLiteral("−"));
  return text;
}

std::vector<Tick> log_ticks(double low, double high, int most) {
  if (!(low > 0.0) || !(high > low) || !std::isfinite(high)) return {};
  const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
  if (last <= first) return ticks_of(Axis(low, high, 10.0 * most), 10.0);
  const int stride = std::max(1, (last - first + most) / std::max(1, most));
  std::vector<Tick> ticks;
  for (int power = first; power <= last; power += stride) {
    const double at = std::pow(10.0, power);
    ticks.push_back({at, 0.0, QString::number(at, 'g', 3)});
  }
  return ticks;
}

namespace {

void draw_title(QPainter& painter, const QRectF& area, const AxisStyle& style, double depth) {
  if (style.title.isEmpty()) return;
  const double line = painter.fontMetrics().height();
  painter.save();
  if (style.edge == Qt::LeftEdge || style.edge == Qt::RightEdge) {
    const double x = style.edge == Qt::LeftEdge ? area.left() - depth - line : area.right() + depth;
    painter.translate(x, area.center().y());
    painter.rotate(-90);
    painter.drawText(QRectF(-area.height() / 2, 0, area.height(), line), Qt::AlignCenter,
                     style.title);
  } else {
    const double y = style.edge == Qt::TopEdge ? area.top() - depth - line : area.bottom() + depth;
    painter.drawText(QRectF(area.left(), y, area.width(), line), Qt::AlignCenter, style.title);
  }
  painter.restore();
}

/// Where a label stands, and where its tick ends.
QRectF label_box(const QRectF& area, const AxisStyle& style, double at, const QSizeF& text) {
  const double gap = style.length + 2.0;
  switch (style.edge) {
    case Qt::LeftEdge:
      return {area.left() - gap - text.width(), at - text.height() / 2, text.width(),
              text.height()};
    case Qt::RightEdge:
      return {area.right() + gap, at - text.height() / 2, text.width(), text.height()};
    case Qt::TopEdge:
      return {at - text.width() / 2, area.top() - gap - text.height(), text.width(), text.height()};
    default:
      return {at - text.width() / 2, area.bottom() + gap, text.width(), text.height()};
  }
}

QLineF tick_line(const QRectF& area, const AxisStyle& style, double at) {
  switch (style.edge) {
    case Qt::LeftEdge:
      return {area.left() - style.length, at, area.left(), at};
    case Qt::RightEdge:
      return {area.right(), at, area.right() + style.length, at};
    case Qt::TopEdge:
      return {at, area.top() - style.length, at, area.top()};
    default:
      return {at, area.bottom(), at, area.bottom() + style.length};
  }
}

}  // namespace

void draw_axis(QPainter& painter, const Theme& colors, const QRectF& area,
               const std::vector<Tick>& ticks, const std::function<double(double)>& to_pixel,
               const AxisStyle& style) {
  const QFontMetricsF metrics(painter.font());
  const bool is_vertical = style.edge == Qt::LeftEdge || style.edge == Qt::RightEdge;
  const double low = is_vertical ? area.top() : area.left();
  const double high = is_vertical ? area.bottom() : area.right();
  double depth = is_vertical ? 0.0 : metrics.height();
  QRectF before;
  for (const Tick& tick : ticks) {
    const double at = to_pixel(tick.value);
    if (at < low - 0.5 || at > high + 0.5) continue;
    painter.setPen(colors.border);
    painter.drawLine(tick_line(area, style, at));
    const QSizeF size(metrics.horizontalAdvance(tick.label), metrics.height());
    const QRectF box = label_box(area, style, at, size);
    if (!before.isNull() && before.adjusted(-5, 0, 5, 0).intersects(box)) continue;
    before = box;
    if (is_vertical) depth = std::max(depth, size.width());
    painter.setPen(colors.muted);
    painter.drawText(box, Qt::AlignCenter | Qt::TextDontClip, tick.label);
  }
  painter.setPen(colors.muted);
  draw_title(painter, area, style, style.length + 4.0 + depth);
}

}  // namespace bsfa::gui
