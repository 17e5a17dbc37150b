// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/fault_delegate.h"

#include <QPainter>

#include "gui/views/theme.h"
#include "gui/views/verdict_label.h"

namespace bsfa::gui {

FaultDelegate::FaultDelegate(const QWidget& view, QObject* parent)
    : QStyledItemDelegate(parent), view_(view) {}

void FaultDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
  QStyledItemDelegate::initStyleOption(option, index);
  if (!index.data(Qt::UserRole).toBool()) return;
  Theme colors = theme_of(view_);
  option->palette.setColor(QPalette::Text, colors.bad);
  if (index.column() != 0) return;
  // On the bar of a selected row the colour of faults could not be read.
  if (option->state & QStyle::State_Selected) {
    colors.bad = option->palette.color(QPalette::HighlightedText);
  }
  const int side = option->fontMetrics.ascent();
  const double ratio = view_.devicePixelRatioF();
  QPixmap mark(QSize(side, side) * ratio);
  mark.setDevicePixelRatio(ratio);
  mark.fill(Qt::transparent);
  QPainter painter(&mark);
  draw_standing(painter, colors, QRectF(0, 0, side, side), Standing::kBad);
  painter.end();
  option->icon = QIcon(mark);
  option->icon.addPixmap(mark, QIcon::Selected);
  option->decorationSize = QSize(side, side);
  option->features |= QStyleOptionViewItem::HasDecoration;
}

}  // namespace bsfa::gui
