// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/verdict_label.h"

#include <QPainter>
#include <QPainterPath>

#include "gui/views/theme.h"

namespace bsfa::gui {

Standing standing_of(const QString& verdict) {
  if (verdict == QLatin1String("pass")) return Standing::kGood;
  if (verdict == QLatin1String("fail")) return Standing::kBad;
  if (verdict == QLatin1String("inconclusive")) return Standing::kWarning;
  return Standing::kUnknown;
}

QColor color_of(Standing standing, const Theme& colors) {
  switch (standing) {
    case Standing::kGood:
      return colors.good;
    case Standing::kWarning:
      return colors.warning;
    case Standing::kBad:
      return colors.bad;
    case Standing::kUnknown:
      return colors.muted;
  }
  return colors.muted;
}

void draw_standing(QPainter& painter, const Theme& colors, const QRectF& box, Standing standing) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.translate(box.topLeft());
  painter.scale(box.width() / 16.0, box.height() / 16.0);
  QPen pen(color_of(standing, colors), 2.0, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  if (standing == Standing::kWarning) {
    painter.drawPolygon(QPolygonF({{8, 2}, {15, 14}, {1, 14}}));
    painter.drawLine(QPointF(8, 6.5), QPointF(8, 9.5));
    painter.drawPoint(QPointF(8, 12));
  } else {
    painter.drawEllipse(QRectF(1, 1, 14, 14));
    if (standing == Standing::kGood)
      painter.drawPolyline(QPolygonF({{4.5, 8.5}, {7, 11}, {11.5, 5}}));
    if (standing == Standing::kBad) {
      painter.drawLine(QPointF(5, 5), QPointF(11, 11));
      painter.drawLine(QPointF(11, 5), QPointF(5, 11));
    }
    if (standing == Standing::kUnknown) painter.drawLine(QPointF(5, 8), QPointF(11, 8));
  }
  painter.restore();
}

VerdictLabel::VerdictLabel(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  set_verdict(Standing::kUnknown, tr("no verdict"));
}

void VerdictLabel::set_verdict(Standing standing, const QString& text) {
  standing_ = standing;
  text_ = text;
  setAccessibleName(tr("Verdict: %1").arg(text));
  updateGeometry();
  update();
}

QSize VerdictLabel::sizeHint() const {
  QFont bold = font();
  bold.setBold(true);
  return {em(*this, 1.4) + QFontMetrics(bold).horizontalAdvance(text_) + 4, em(*this, 1.3)};
}

void VerdictLabel::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& colors = theme_of(*this);
  const double size = em(*this, 0.95);
  draw_standing(painter, colors, QRectF(1, (height() - size) / 2, size, size), standing_);
  QFont bold = font();
  bold.setBold(true);
  painter.setFont(bold);
  painter.setPen(color_of(standing_, colors));
  painter.drawText(rect().adjusted(em(*this, 1.4), 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                   text_);
}

}  // namespace bsfa::gui
