// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/error_strip.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"
#include "gui/views/heatmap_view.h"
#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

constexpr std::array kErrors{BlockError::kArithmetic, BlockError::kGating, BlockError::kMethod};

}  // namespace

ErrorStrip::ErrorStrip(HeatmapView& heatmap, SelectionModel& selection, QWidget* parent)
    : QWidget(parent), heatmap_(heatmap), selection_(selection) {
  setAccessibleName(tr("Errors of each Q block"));
  setAccessibleDescription(tr("Arithmetic, gating and method error beside the heatmap's rows"));
  setMouseTracking(true);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
  const auto repaint = [this] { update(); };
  connect(&heatmap_, &HeatmapView::view_changed, this, repaint);
  connect(&heatmap_, &HeatmapView::area_changed, this, repaint);
  connect(&selection_, &SelectionModel::changed, this, repaint);
}

QSize ErrorStrip::sizeHint() const {
  return {em(*this, 9.0), em(*this, 10)};
}

void ErrorStrip::set_head(const traces::Sequence* sequence, std::int64_t head) {
  q_blocks_.clear(), blocks_.clear();
  for (Column& column : columns_) column = {};
  if (sequence != nullptr && head >= 0 && head < sequence->shape.heads) {
    q_blocks_ = sequence->q_blocks;
    for (std::size_t row = 0; row < q_blocks_.size(); ++row) {
      blocks_.push_back(block_figures(*sequence, head, static_cast<std::int64_t>(row)));
    }
    for (std::size_t i = 0; i < kErrors.size(); ++i) {
      Column& column = columns_[i];
      column.values = error_strip(*sequence, head, kErrors[i]);
      for (const BlockFigures& block : blocks_)
        column.faults.push_back(is_fault(block, kErrors[i]));
      double top = 0.0;
      for (const float value : column.values) {
        if (std::isfinite(value)) top = std::max(top, static_cast<double>(value));
      }
      // The bound of arithmetic stays in the picture.
      if (kErrors[i] == BlockError::kArithmetic) top = std::max(top, 1.0);
      column.top = top > 0.0 ? top : 1.0;
    }
  }
  update();
}

QRectF ErrorStrip::column_area(std::size_t column) const {
  const QRectF& beside = heatmap_.viewport().area();
  const double gap = 4.0, width_each = (width() - 2.0 * gap - 2.0) / 3.0;
  return {1.0 + static_cast<double>(column) * (width_each + gap), beside.top(), width_each,
          beside.height()};
}

int ErrorStrip::row_at(double y) const {
  const TileViewport& viewport = heatmap_.viewport();
  if (y < viewport.area().top() || y >= viewport.area().bottom()) return -1;
  const int row = static_cast<int>(std::floor(viewport.to_tile(QPointF(0.0, y)).y()));
  return row >= 0 && row < static_cast<int>(blocks_.size()) ? row : -1;
}

void ErrorStrip::paint_column(QPainter& painter, std::size_t index) const {
  const Theme& colors = theme_of(*this);
  const Column& column = columns_[index];
  const QRectF area = column_area(index);
  const TileViewport& viewport = heatmap_.viewport();
  painter.fillRect(area, colors.canvas);
  const int rows = static_cast<int>(column.values.size());
  const double per_pixel = viewport.view().height() / std::max(1.0, area.height());
  for (int y = 0; y < static_cast<int>(area.height()) && rows > 0; ++y) {
    const double from = viewport.view().top() + y * per_pixel;
    const int first = std::clamp(static_cast<int>(std::floor(from)), 0, rows - 1);
    const int end = std::clamp(static_cast<int>(std::ceil(from + per_pixel)), first + 1, rows);
    // Of several rows on a pixel the largest error shows, and a fault before all.
    double value = -1.0;
    bool has_fault = false;
    for (int row = first; row < end; ++row) {
      const auto at = static_cast<std::size_t>(row);
      if (std::isfinite(column.values[at]))
        value = std::max(value, static_cast<double>(column.values[at]));
      has_fault = has_fault || column.faults[at];
    }
    const double share = has_fault ? std::max(0.25, value / column.top) : value / column.top;
    if (share <= 0.0) continue;
    const double length = std::clamp(share, 0.0, 1.0) * (area.width() - 2.0);
    painter.fillRect(QRectF(area.left() + 1.0, area.top() + y, std::max(1.0, length), 1.0),
                     has_fault ? colors.bad : colors.errors[index]);
    if (has_fault)
      painter.fillRect(QRectF(area.right() - 4.0, area.top() + y, 4.0, 1.0), colors.bad);
  }
  if (kErrors[index] == BlockError::kArithmetic && rows > 0) {
    const double bound = area.left() + 1.0 + (area.width() - 2.0) / column.top;
    painter.setPen(QPen(colors.muted, 1.0, Qt::DashLine));
    painter.drawLine(QPointF(bound - 1.0, area.top()), QPointF(bound - 1.0, area.bottom()));
  }
  painter.setPen(colors.border);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5));
}

void ErrorStrip::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& colors = theme_of(*this);
  painter.fillRect(rect(), colors.panel);
  if (heatmap_.viewport().area().isEmpty()) return;
  painter.setFont(small_font(*this));
  const double line = painter.fontMetrics().height();
  const QString names[3] = {tr("arith."), tr("gating"), tr("method")};
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    paint_column(painter, i);
    const QRectF area = column_area(i);
    painter.setPen(colors.errors[i]);
    painter.drawText(QRectF(area.left(), area.top() - line - 3.0, area.width(), line),
                     Qt::AlignCenter | Qt::TextDontClip, names[i]);
    painter.setPen(colors.muted);
    const bool is_known = std::any_of(columns_[i].values.begin(), columns_[i].values.end(),
                                      [](float value) { return !std::isnan(value); });
    painter.drawText(QRectF(area.left(), area.bottom() + 6.0, area.width(), line),
                     Qt::AlignRight | Qt::TextDontClip,
                     is_known ? number_text(columns_[i].top, 2) : QStringLiteral("–"));
  }
  painter.drawText(QRectF(0, height() - line - 2.0, width(), line), Qt::AlignCenter,
                   tr("error, 0 to …"));
  const auto chosen = std::find(q_blocks_.begin(), q_blocks_.end(), selection_.current().q_block);
  if (chosen == q_blocks_.end()) return;
  const QRectF& area = heatmap_.viewport().area();
  const double row = static_cast<double>(chosen - q_blocks_.begin());
  const double y = std::floor(heatmap_.viewport().to_pixel(QPointF(0.0, row + 0.5)).y()) + 0.5;
  if (y < area.top() || y > area.bottom()) return;
  painter.setPen(QPen(colors.crosshair, 1.0));
  painter.drawLine(QPointF(0.0, y), QPointF(width(), y));
}

QString ErrorStrip::line(int row) const {
  const BlockFigures& block = blocks_[static_cast<std::size_t>(row)];
  if (!block.checked) return tr("Q block %1: not checked").arg(block.q_block);
  const auto text = [](const std::optional<float>& value) {
    return value ? number_text(static_cast<double>(*value), 3) : QStringLiteral("–");
  };
  const auto count = [](const std::optional<std::uint32_t>& value) {
    return value ? QString::number(*value) : QStringLiteral("–");
  };
  return tr("Q block %1 · arithmetic %2 of its bound · %3 violations, %4 ties · method %5")
      .arg(QString::number(block.q_block), text(block.arithmetic), count(block.violations),
           count(block.ties), text(block.method));
}

void ErrorStrip::mousePressEvent(QMouseEvent* event) {
  const int row = row_at(event->position().y());
  if (row < 0 || event->button() != Qt::LeftButton) return;
  selection_.select_block(selection_.current().head_key(),
                          q_blocks_[static_cast<std::size_t>(row)]);
}

void ErrorStrip::mouseMoveEvent(QMouseEvent* event) {
  const int row = row_at(event->position().y());
  emit hovered(row < 0 ? QString() : line(row));
}

bool ErrorStrip::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = row_at(help->pos().y());
    row < 0 ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), line(row), this);
    return true;
  }
  if (event->type() == QEvent::Leave) emit hovered({});
  return QWidget::event(event);
}

}  // namespace bsfa::gui
