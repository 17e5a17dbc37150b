// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "gui/models/time_axis.h"
#include "gui/views/axis.h"
#include "gui/views/heatmap_view.h"
#include "gui/views/theme.h"
#include "gui/views/tile_text.h"

namespace bsfa::gui {
namespace {

/// A line that shows on every colour: the theme's crosshair inside its opposite.
void draw_cased(QPainter& painter, const QLineF& line, QColor core, int alpha) {
  QColor casing = core.lightness() > 127 ? Qt::black : Qt::white;
  core.setAlpha(alpha), casing.setAlpha(alpha * 2 / 3);
  painter.setPen(QPen(casing, 3.0));
  painter.drawLine(line);
  painter.setPen(QPen(core, 1.0));
  painter.drawLine(line);
}

std::vector<Tick> ticks_along(double begin, double end, double whole, double pixels, double least) {
  if (!(whole > 0.0) || !(pixels > 0.0)) return {};
  Axis axis(0.0, whole, pixels);
  axis.set_view({begin, end});
  return index_ticks_of(axis, least);
}

}  // namespace

const QImage& HeatmapView::image() {
  const double ratio = devicePixelRatioF();
  const QSize pixels = (viewport_.area().size() * ratio).toSize();
  if (!image_is_old_ && image_.size() == pixels) return image_;
  const HeatStyle style =
      heat_style(shown()->field, theme_of(*this).kind == ThemeKind::kDark, devicePixelRatioF());
  const bool is_mask = is_categorical(shown()->field);
  image_ = render_heat(
      *shown(), {viewport_.view(), pixels, is_mask ? kCategoricalContrast : contrast_}, style);
  image_.setDevicePixelRatio(ratio);
  image_is_old_ = false;
  return image_;
}

void HeatmapView::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& colors = theme_of(*this);
  painter.fillRect(rect(), colors.panel);
  const QRectF area = viewport_.area();
  if (area.isEmpty()) return;
  painter.setFont(small_font(*this));
  if (shown() == nullptr || shown()->rows() == 0 || shown()->columns() == 0) {
    painter.fillRect(area, colors.canvas);
    painter.setPen(colors.muted);
    painter.drawText(area, Qt::AlignCenter,
                     head_ ? tr("This head holds no tiles.") : tr("No head is loaded."));
    return;
  }
  painter.drawImage(area.topLeft(), image());
  paint_marks(painter);
  painter.setPen(QPen(hasFocus() ? colors.selection : colors.border, 1.0));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5));
  paint_axes(painter);
  paint_heading(painter);
}

void HeatmapView::paint_axes(QPainter& painter) const {
  const Theme& colors = theme_of(*this);
  const QRectF& area = viewport_.area();
  const QRectF& view = viewport_.view();
  const double line = painter.fontMetrics().height();
  const auto columns =
      ticks_along(view.left(), view.right(), viewport_.tiles().width(), area.width(), 4.0 * line);
  auto rows =
      ticks_along(view.top(), view.bottom(), viewport_.tiles().height(), area.height(), 2.2 * line);
  QString q_title = tr("Q block"), k_title = tr("K block");
  if (head_) {
    const core::Problem& problem = head_->problem;
    q_title = tr("Q block (%1 tokens)").arg(problem.gate.q_block);
    k_title = tr("K block (%1 tokens)").arg(problem.gate.k_block);
    const std::int64_t all = problem.gate.q_block > 0
                                 ? (problem.q_len + problem.gate.q_block - 1) / problem.gate.q_block
                                 : 0;
    if (head_->rows() < all) q_title += tr(", %1 of %2 held").arg(head_->rows()).arg(all);
    for (Tick& tick : rows) {
      const auto row = static_cast<std::int64_t>(tick.value);
      if (row >= 0 && row < head_->rows()) {
        tick.label = QString::number(head_->q_blocks[static_cast<std::size_t>(row)]);
      }
    }
  }
  draw_axis(painter, colors, area, columns,
            [&](double at) { return viewport_.to_pixel(QPointF(at + 0.5, 0.0)).x(); },
            {Qt::BottomEdge, k_title, 4.0});
  draw_axis(painter, colors, area, rows,
            [&](double at) { return viewport_.to_pixel(QPointF(0.0, at + 0.5)).y(); },
            {Qt::LeftEdge, q_title, 4.0});
}

void HeatmapView::paint_marks(QPainter& painter) const {
  const QRectF& area = viewport_.area();
  painter.save();
  painter.setClipRect(area);
  const QColor core = theme_of(*this).crosshair;
  const auto cross = [&](const Tile& tile, int alpha) {
    const QPointF middle = viewport_.to_pixel(
        QPointF(static_cast<double>(tile.column) + 0.5, static_cast<double>(tile.row) + 0.5));
    const double x = std::floor(middle.x()) + 0.5, y = std::floor(middle.y()) + 0.5;
    if (tile.row >= 0) draw_cased(painter, {area.left(), y, area.right(), y}, core, alpha);
    if (tile.column >= 0) draw_cased(painter, {x, area.top(), x, area.bottom()}, core, alpha);
  };
  const Tile chosen = selected();
  if (hovered_.is_valid() && !(hovered_ == chosen)) cross(hovered_, 90);
  if (chosen.row >= 0) cross(chosen, 220);
  if (chosen.is_valid()) {
    QRectF frame = viewport_.to_pixel(
        QRectF(static_cast<double>(chosen.column), static_cast<double>(chosen.row), 1.0, 1.0));
    // A tile of a pixel still gets a frame that can be seen.
    const double least = std::max(0.0, 7.0 - std::min(frame.width(), frame.height())) / 2.0;
    frame = frame.adjusted(-least, -least, least, least);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(Qt::black, 4.0));
    painter.drawRect(frame);
    painter.setPen(QPen(theme(ThemeKind::kDark).selection, 2.0));
    painter.drawRect(frame);
  }
  painter.restore();
}

QString HeatmapView::note() const {
  if (blink_side_ >= 0) {
    return blink_side_ == 0 ? tr("mask of the reference") : tr("mask of the kernel");
  }
  QString text = heading_.isEmpty() ? name_of(field_->field) : heading_;
  if (!field_->values_known && !is_categorical(field_->field)) {
    text += tr(" · this trace does not hold it");
  }
  const QSize pixels = (viewport_.area().size() * devicePixelRatioF()).toSize();
  if (is_pooled({viewport_.view(), pixels, contrast_})) {
    const auto per_pixel = [](double tiles, int count) {
      return static_cast<int>(std::ceil(tiles / std::max(1, count) - 1e-9));
    };
    text += tr(" · a pixel shows the largest of up to %1 × %2 tiles")
                .arg(std::max(1, per_pixel(viewport_.view().height(), pixels.height())))
                .arg(std::max(1, per_pixel(viewport_.view().width(), pixels.width())));
  }
  return text;
}

void HeatmapView::paint_heading(QPainter& painter) const {
  const Theme& colors = theme_of(*this);
  const QRectF& area = viewport_.area();
  const QRectF line(area.left(), 0, area.width(), area.top() - 2);
  const QFontMetricsF metrics(painter.font());
  painter.setPen(blink_side_ >= 0 ? colors.warning : colors.muted);
  painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(note(), Qt::ElideRight, line.width()));
}

}  // namespace bsfa::gui
