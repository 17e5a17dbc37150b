// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/minimap.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "gui/views/heatmap_view.h"
#include "gui/views/theme.h"

namespace bsfa::gui {

Minimap::Minimap(HeatmapView& heatmap, QWidget* parent) : QWidget(parent), heatmap_(heatmap) {
  setAccessibleName(tr("Minimap"));
  setAccessibleDescription(tr("All tiles of the head; arrow keys move what the heatmap shows"));
  setFocusPolicy(Qt::StrongFocus);
  connect(&heatmap_, &HeatmapView::view_changed, this, [this] { update(); });
  connect(&heatmap_, &HeatmapView::content_changed, this, [this] { forget(); });
}

QSize Minimap::sizeHint() const {
  return {em(*this, 9), em(*this, 7)};
}

QSize Minimap::minimumSizeHint() const {
  return {em(*this, 5), em(*this, 4)};
}

QRectF Minimap::area() const {
  return QRectF(rect()).adjusted(2, 2, -2, -2);
}

void Minimap::redraw() {
  const auto field = heatmap_.field();
  const double ratio = devicePixelRatioF();
  const QSizeF tiles = heatmap_.viewport().tiles();
  image_ = render_heat(
      *field, {QRectF(QPointF(0, 0), tiles), (area().size() * ratio).toSize(), heatmap_.contrast()},
      heat_style(field->field, theme_of(*this).kind == ThemeKind::kDark, devicePixelRatioF()));
  image_.setDevicePixelRatio(ratio);
}

void Minimap::forget() {
  image_ = {};
  update();
}

void Minimap::resizeEvent(QResizeEvent*) {
  forget();
}

void Minimap::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange) forget();
  QWidget::changeEvent(event);
}

void Minimap::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& colors = theme_of(*this);
  painter.fillRect(rect(), colors.panel);
  painter.setPen(hasFocus() ? colors.selection : colors.border);
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
  const auto field = heatmap_.field();
  const QSizeF tiles = heatmap_.viewport().tiles();
  if (!field || tiles.isEmpty()) return;
  if (image_.isNull()) redraw();
  painter.drawImage(area().topLeft(), image_);
  const QRectF view = heatmap_.viewport().view(), all = area();
  QRectF frame(all.x() + view.x() / tiles.width() * all.width(),
               all.y() + view.y() / tiles.height() * all.height(),
               std::max(3.0, view.width() / tiles.width() * all.width()),
               std::max(3.0, view.height() / tiles.height() * all.height()));
  frame.adjust(0.5, 0.5, -0.5, -0.5);
  painter.setPen(QPen(Qt::black, 3.0));
  painter.drawRect(frame);
  painter.setPen(QPen(Qt::white, 1.0));
  painter.drawRect(frame);
}

void Minimap::center_on(const QPointF& pixel) {
  const QSizeF tiles = heatmap_.viewport().tiles();
  if (tiles.isEmpty() || area().isEmpty()) return;
  QRectF view = heatmap_.viewport().view();
  view.moveCenter(QPointF((pixel.x() - area().x()) / area().width() * tiles.width(),
                          (pixel.y() - area().y()) / area().height() * tiles.height()));
  heatmap_.set_view(view);
}

void Minimap::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) center_on(event->position());
}

void Minimap::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) center_on(event->position());
}

void Minimap::keyPressEvent(QKeyEvent* event) {
  QRectF view = heatmap_.viewport().view();
  const double dx = view.width() / 10.0, dy = view.height() / 10.0;
  switch (event->key()) {
    case Qt::Key_Left:
      view.translate(-dx, 0);
      break;
    case Qt::Key_Right:
      view.translate(dx, 0);
      break;
    case Qt::Key_Up:
      view.translate(0, -dy);
      break;
    case Qt::Key_Down:
      view.translate(0, dy);
      break;
    default:
      return QWidget::keyPressEvent(event);
  }
  heatmap_.set_view(view);
}

}  // namespace bsfa::gui
