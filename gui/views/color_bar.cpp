// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/color_bar.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"
#include "gui/views/theme.h"

namespace bsfa::gui {

ColorBar::ColorBar(QWidget* parent) : QWidget(parent) {
  setAccessibleName(tr("Colour scale"));
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
}

QSize ColorBar::sizeHint() const {
  return {em(*this, 5.2), em(*this, 12)};
}

QSize ColorBar::minimumSizeHint() const {
  return {em(*this, 5.2), em(*this, 6)};
}

void ColorBar::set_scale(Field field, const Contrast& contrast, const QString& title) {
  title_ = title.isEmpty() ? name_of(field) : title;
  field_ = field;
  contrast_ = contrast;
  setVisible(!is_categorical(field));
  setAccessibleDescription(tr("%1 from %2 to %3%4")
                               .arg(title_, number_text(contrast.start()),
                                    number_text(contrast.high),
                                    contrast.log ? tr(", logarithmic") : QString()));
  update();
}

void ColorBar::set_hint(std::optional<float> value) {
  if (value && !std::isfinite(*value)) value.reset();
  if (value == hint_) return;
  hint_ = value;
  update();
}

QRectF ColorBar::bar() const {
  const double line = QFontMetricsF(small_font(*this)).height();
  return {std::ceil(line + 8.0), std::ceil(line + 6.0), std::round(em(*this, 0.8)),
          std::max(1.0, height() - 3.0 * line - 18.0)};
}

void ColorBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& colors = theme_of(*this);
  painter.fillRect(rect(), colors.panel);
  painter.setFont(small_font(*this));
  const QRectF area = bar();
  const ColorTable& table = is_diverging(field_) ? blue_orange() : viridis();
  QImage strip(1, 256, QImage::Format_RGB32);
  for (int y = 0; y < 256; ++y) strip.setPixel(0, y, table[static_cast<std::size_t>(255 - y)]);
  painter.drawImage(area, strip);
  painter.setPen(colors.border);
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5));

  const auto to_pixel = [&](double value) {
    return area.bottom() - contrast_.position(value) * area.height();
  };
  const double line = painter.fontMetrics().height();
  const int most = std::max(2, static_cast<int>(area.height() / (2.2 * line)));
  const std::vector<Tick> ticks =
      contrast_.log ? log_ticks(contrast_.start(), contrast_.high, most)
                    : ticks_of(Axis(contrast_.low, contrast_.high, area.height()), 2.2 * line);
  draw_axis(painter, colors, area, ticks, to_pixel, {Qt::RightEdge, {}, 4.0});
  painter.setPen(colors.muted);
  painter.save();
  painter.translate(2.0, area.center().y());
  painter.rotate(-90);
  const QString title = contrast_.log ? tr("%1, log").arg(title_) : title_;
  painter.drawText(QRectF(-area.height() / 2.0, 0, area.height(), line + 2.0), Qt::AlignCenter,
                   title);
  painter.restore();
  if (!hint_) return;
  const double y = std::clamp(to_pixel(static_cast<double>(*hint_)), area.top(), area.bottom());
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colors.text);
  painter.drawPolygon(
      QPolygonF({{area.left(), y}, {area.left() - 6, y - 4}, {area.left() - 6, y + 4}}));
}

}  // namespace bsfa::gui
