// SPDX-License-Identifier: GPL-3.0-or-later
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"
#include "gui/views/overview_view.h"
#include "gui/views/theme.h"
#include "gui/views/verdict_label.h"

namespace bsfa::gui {
namespace {

QString figure_text(const std::optional<double>& value, int digits) {
  return value ? number_text(*value, digits) : QStringLiteral("–");
}

/// "≈ 0.31 (0.44)": what is tried, and what the trace has.
QString shown_text(const HeadFigures& head, HeadFigure figure, int digits) {
  const ShownFigure shown = shown_figure(head, figure);
  const QString value = figure_text(shown.value, digits);
  if (!shown.is_tried) return value;
  const QString mark = shown.approximate ? QStringLiteral("≈ ") : QString();
  return QStringLiteral("%1%2 (%3)").arg(mark, value, figure_text(shown.of_trace, digits));
}

QString head_name(const HeadKey& key) {
  const QString name = QStringLiteral("%1.%2").arg(key.sequence.layer).arg(key.head);
  return key.sequence.sequence == 0 ? name
                                    : name + QStringLiteral(" S%1").arg(key.sequence.sequence);
}

}  // namespace

QString OverviewView::line(const HeadFigures& figures) const {
  QString text =
      tr("Head %1 · density %2 · retained mass %3 · arithmetic %4 of its bound · method %5 · "
         "imbalance %6")
          .arg(head_name(figures.key), shown_text(figures, HeadFigure::kDensity, 3),
               shown_text(figures, HeadFigure::kRetainedMass, 4),
               figure_text(figures.arithmetic, 3), figure_text(figures.method, 3),
               figure_text(figures.imbalance, 3));
  if (!figures.tried) return text;
  return text + tr(" · certificate %1 · speed %2 · in brackets: the trace's own")
                    .arg(shown_text(figures, HeadFigure::kCertificate, 3),
                         shown_text(figures, HeadFigure::kSpeed, 3));
}

QString OverviewView::heading() const {
  if (cells_.empty()) return {};
  const QString heads =
      cells_.size() == 1 ? tr("1 head") : tr("%1 heads on one scale").arg(cells_.size());
  return tr("Layer %1 · %2 · each pixel shows the largest of its tiles").arg(key_.layer).arg(heads);
}

void OverviewView::paint_heading(QPainter& painter) const {
  const Theme& colors = theme_of(*this);
  const Grid places = grid();
  const QRect line(6, 0, viewport()->width() - 12, places.heading);
  painter.fillRect(0, 0, viewport()->width(), places.heading, colors.panel);
  int right = line.right();
  if (!is_categorical(field_) && !cells_.empty()) {
    const Contrast scale = contrast();
    const QString high = number_text(scale.high, 3), low = number_text(scale.start(), 3);
    const QFontMetrics metrics(painter.font());
    const int bar_width = em(*this, 7), bar_height = em(*this, 0.7);
    right -= metrics.horizontalAdvance(high);
    painter.setPen(colors.muted);
    painter.drawText(QRect(right, 0, line.right() - right + 1, line.height()), Qt::AlignCenter,
                     high);
    right -= bar_width + 5;
    const QRect bar(right, (line.height() - bar_height) / 2, bar_width, bar_height);
    const ColorTable& table = is_diverging(field_) ? blue_orange() : viridis();
    QImage strip(256, 1, QImage::Format_RGB32);
    for (int x = 0; x < 256; ++x) strip.setPixel(x, 0, table[static_cast<std::size_t>(x)]);
    painter.drawImage(bar, strip);
    painter.drawRect(bar.adjusted(0, 0, -1, -1));
    const QString title = QStringLiteral("%1  %2").arg(name_of(field_), low);
    right -= metrics.horizontalAdvance(title) + 5;
    painter.drawText(QRect(right, 0, metrics.horizontalAdvance(title), line.height()),
                     Qt::AlignVCenter, title);
  }
  painter.setPen(colors.muted);
  const QRect text(line.left(), 0, std::max(0, right - line.left() - 8), line.height());
  painter.drawText(text, Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(heading(), Qt::ElideRight, text.width()));
}

const QImage& OverviewView::image_of(Cell& cell, QSize pixels) {
  if (cell.image.size() == pixels) return cell.image;
  const QRectF all(0.0, 0.0, static_cast<double>(cell.picture->columns()),
                   static_cast<double>(cell.picture->rows()));
  cell.image = render_heat(
      *cell.picture, {all, pixels, contrast()},
      heat_style(field_, theme_of(*this).kind == ThemeKind::kDark, devicePixelRatioF()));
  cell.image.setDevicePixelRatio(devicePixelRatioF());
  return cell.image;
}

void OverviewView::paint_picture(QPainter& painter, Cell& cell, const QRect& box) {
  const Theme& colors = theme_of(*this);
  const bool has_tiles = cell.picture && cell.picture->rows() > 0 && cell.picture->columns() > 0;
  if (has_tiles && (cell.picture->values_known || cell.picture->classes_known)) {
    painter.drawImage(box.topLeft(), image_of(cell, box.size() * devicePixelRatioF()));
    return;
  }
  painter.fillRect(box, colors.canvas);
  painter.setPen(colors.muted);
  painter.drawText(box, Qt::AlignCenter | Qt::TextWordWrap,
                   !cell.picture ? tr("loading…")
                   : has_tiles   ? tr("not in this trace")
                                 : tr("no tiles"));
}

void OverviewView::paint_figures(QPainter& painter, const HeadFigures& figures,
                                 const QRect& box) const {
  const Theme& colors = theme_of(*this);
  const bool is_narrow = box.width() < em(*this, 12);
  const ShownFigure tried = shown_figure(figures, HeadFigure::kDensity);
  // Only wide captions have room for both; the line under the pointer always says both.
  const QString density =
      is_narrow && tried.is_tried
          ? (tried.approximate ? QStringLiteral("≈") : QString()) + figure_text(tried.value, 2)
          : shown_text(figures, HeadFigure::kDensity, 2);
  const std::pair<QString, QString> shown[] = {
      {is_narrow ? tr("dens.") : tr("density"), density},
      {is_narrow ? tr("meth.") : tr("method"), figure_text(figures.method, 2)},
      {is_narrow ? tr("imb.") : tr("imbalance"), figure_text(figures.imbalance, 3)},
  };
  const int width = box.width() / 3, line = painter.fontMetrics().height();
  for (int i = 0; i < 3; ++i) {
    const int x = box.left() + i * width;
    const int side = i == 0 ? Qt::AlignLeft : i == 1 ? Qt::AlignHCenter : Qt::AlignRight;
    painter.setPen(colors.muted);
    painter.drawText(QRect(x, box.top(), width, line), side | Qt::TextDontClip, shown[i].first);
    painter.setPen(i == 0 && tried.is_tried ? colors.threshold : colors.text);
    painter.drawText(QRect(x, box.top() + line, width, line), side | Qt::TextDontClip,
                     shown[i].second);
  }
}

void OverviewView::paint_cell(QPainter& painter, int index, const QRect& box) {
  const Theme& colors = theme_of(*this);
  Cell& cell = cells_[static_cast<std::size_t>(index)];
  const bool is_selected = index == selected();
  const QRect inner = box.adjusted(6, 2, -6, -4);
  QFont bold = font();
  bold.setBold(true);
  painter.setFont(bold);
  const int title = em(*this, 1.2);
  painter.setPen(is_selected ? colors.link : colors.text);
  painter.drawText(QRect(inner.left(), inner.top(), inner.width(), title), Qt::AlignVCenter,
                   head_name(cell.figures.key));
  QString remark;
  Standing standing = Standing::kGood;
  if (cell.figures.failed()) {
    remark = tr("fail"), standing = Standing::kBad;
  } else if (worst_ == cell.figures.key && cells_.size() > 1) {
    remark = tr("look here first"), standing = Standing::kWarning;
  }
  painter.setFont(small_font(*this));
  const int line = painter.fontMetrics().height();
  if (!remark.isEmpty()) {
    const int width = painter.fontMetrics().horizontalAdvance(remark);
    painter.setPen(color_of(standing, colors));
    painter.drawText(QRect(inner.right() - width, inner.top(), width + 1, title),
                     Qt::AlignVCenter | Qt::AlignRight, remark);
    draw_standing(painter, colors,
                  QRectF(inner.right() - width - line, inner.top() + (title - 0.8 * line) / 2,
                         0.8 * line, 0.8 * line),
                  standing);
  }
  const QRect picture(inner.left(), inner.top() + title, inner.width(),
                      inner.height() - title - 2 * line - 2);
  paint_picture(painter, cell, picture);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(is_selected ? QPen(colors.selection, 2.0) : QPen(colors.border, 1.0));
  painter.drawRect(is_selected ? picture.adjusted(-1, -1, 1, 1) : picture.adjusted(0, 0, -1, -1));
  if (is_selected && hasFocus()) {
    painter.setPen(QPen(colors.text, 1.0, Qt::DotLine));
    painter.drawRect(box.adjusted(1, 1, -2, -2));
  }
  paint_figures(painter, cell.figures,
                QRect(inner.left(), picture.bottom() + 3, inner.width(), 2 * line));
}

void OverviewView::paintEvent(QPaintEvent*) {
  QPainter painter(viewport());
  painter.fillRect(viewport()->rect(), theme_of(*this).panel);
  if (cells_.empty()) {
    painter.setPen(theme_of(*this).muted);
    painter.drawText(viewport()->rect(), Qt::AlignCenter, tr("There are no heads to show."));
    return;
  }
  const Grid places = grid();
  const int first = verticalScrollBar()->value() / places.cell.height() * places.columns;
  for (int i = first; i < static_cast<int>(cells_.size()); ++i) {
    const QRect box(QPoint(i % places.columns * places.cell.width(),
                           places.heading + i / places.columns * places.cell.height() -
                               verticalScrollBar()->value()),
                    places.cell);
    if (box.top() >= viewport()->height()) break;
    paint_cell(painter, i, box);
  }
  painter.setFont(small_font(*this));
  paint_heading(painter);
}

}  // namespace bsfa::gui
