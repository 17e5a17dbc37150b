// SPDX-License-Identifier: GPL-3.0-or-later
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"
#include "gui/views/theme.h"
#include "gui/views/timeline_view.h"

namespace bsfa::gui {
namespace {

/// What is shown until somebody chooses.
constexpr std::size_t kFirstSeries = 4;

/// A menu that stays open while its checks are set: several series are chosen at once.
class CheckMenu : public QMenu {
 public:
  using QMenu::QMenu;

 protected:
  void mouseReleaseEvent(QMouseEvent* event) override {
    QAction* const at = activeAction();
    if (at == nullptr || !at->isCheckable()) return QMenu::mouseReleaseEvent(event);
    at->trigger();
  }
  void keyPressEvent(QKeyEvent* event) override {
    QAction* const at = activeAction();
    if (event->key() != Qt::Key_Space || at == nullptr) return QMenu::keyPressEvent(event);
    at->trigger();
  }
};

}  // namespace

QColor span_color(const Theme& colors, traces::SpanKind kind) {
  const auto mixed = [&](const QColor& color, double share) {
    const auto part = [&](int a, int b) {
      return static_cast<int>(std::lround(share * a + (1.0 - share) * b));
    };
    return QColor(part(color.red(), colors.canvas.red()),
                  part(color.green(), colors.canvas.green()),
                  part(color.blue(), colors.canvas.blue()));
  };
  switch (kind) {
    case traces::SpanKind::kRange:
      return mixed(colors.border, 0.7);
    case traces::SpanKind::kKernel:
      return mixed(colors.series[0], 0.35);
    case traces::SpanKind::kCopy:
      return mixed(colors.series[2], 0.35);
    case traces::SpanKind::kFill:
      return mixed(colors.series[3], 0.35);
  }
  return colors.canvas;
}

void TimelineView::make_menus() {
  color_button_->setAccessibleName(tr("Colour of work items"));
  series_button_->setAccessibleName(tr("Sampled series"));
  series_button_->setToolTip(tr("Which of the sampled series are drawn above the lanes"));
  for (QToolButton* button : {color_button_, series_button_}) {
    button->setPopupMode(QToolButton::InstantPopup);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    button->hide();
  }
  auto* colors = new QMenu(color_button_);
  for (const ItemColor each : {ItemColor::kHead, ItemColor::kDensity, ItemColor::kDuration}) {
    QAction* action = colors->addAction(name_of(each), this, [this, each] { set_color(each); });
    action->setCheckable(true);
    action->setData(static_cast<int>(each));
  }
  color_button_->setMenu(colors);
  series_button_->setMenu(new CheckMenu(series_button_));
}

void TimelineView::fill_menus() {
  color_button_->setText(tr("Colour: %1").arg(name_of(color_)));
  for (QAction* action : color_button_->menu()->actions())
    action->setChecked(action->data().toInt() == static_cast<int>(color_));
  series_.clear();
  const std::size_t count = model_ ? model_->series().size() : 0;
  QMenu& menu = *series_button_->menu();
  const bool is_same = static_cast<std::size_t>(menu.actions().size()) == count;
  if (!is_same) menu.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const TimelineSeries& series = model_->series()[i];
    const bool on = wanted_series_ ? wanted_series_->contains(series.name) : i < kFirstSeries;
    if (on) series_.push_back(i);
    QAction* action =
        is_same ? menu.actions().at(static_cast<qsizetype>(i)) : menu.addAction(QString());
    if (!is_same) {
      action->setCheckable(true);
      connect(action, &QAction::triggered, this, [this, i](bool checked) {
        QStringList names = shown_series();
        const QString& name = model_->series()[i].name;
        names.removeAll(name);
        if (checked) names.append(name);
        show_series(names);
      });
    }
    action->setText(series.unit.isEmpty() ? series.title
                                          : tr("%1, %2").arg(series.title, series.unit));
    action->setToolTip(series.name);
    action->setChecked(on);
  }
  series_button_->setText(tr("Series: %1 of %2").arg(series_.size()).arg(count));
  series_button_->setVisible(count > 0);
  color_button_->setVisible(model_ && !model_->without_items());
  lay_out();
}

void TimelineView::show_series(const QStringList& names) {
  wanted_series_ = names;
  fill_menus();
}

QStringList TimelineView::shown_series() const {
  QStringList names;
  for (const std::size_t i : series_) names << model_->series()[i].name;
  return names;
}

void TimelineView::paint_span(QPainter& painter, const TimelineSpan& span,
                              const QRectF& box) const {
  const Theme& colors = theme_of(*this);
  painter.fillRect(box, span_color(colors, span.kind));
  const double line = painter.fontMetrics().height();
  if (box.width() < 1.5 * line) return;
  painter.setPen(colors.border);
  painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
  painter.setPen(colors.text);
  painter.drawText(box.adjusted(3, 0, -3, 0), Qt::AlignLeft | Qt::AlignVCenter,
                   painter.fontMetrics().elidedText(short_span_name(span.name), Qt::ElideRight,
                                                    static_cast<int>(box.width()) - 6));
}

void TimelineView::paint_spans(QPainter& painter, const Areas& places) const {
  if (places.span_rows == 0) return;
  const Theme& colors = theme_of(*this);
  painter.fillRect(places.spans, colors.canvas);
  painter.save();
  painter.setClipRect(places.spans);
  const SpanRows& rows = model_->spans();
  for (std::size_t row = 0; row < places.span_rows; ++row) {
    double painted_to = -1.0;
    for (const TimelineSpan& span : rows.visible(row, axis_.view().begin, axis_.view().end)) {
      const auto box = span_rect(static_cast<std::size_t>(&span - rows.spans.data()));
      // Of those on one pixel the first stands for all.
      if (!box || box->right() <= painted_to) continue;
      paint_span(painter, span, *box);
      painted_to = std::ceil(box->right());
    }
  }
  painter.restore();
  painter.setPen(colors.muted);
  for (std::size_t row = 0; row < places.span_rows; ++row) {
    const QRectF box(0.0, places.spans.top() + static_cast<double>(row) * places.span_height,
                     places.spans.left() - 6.0, places.span_height);
    painter.drawText(box, Qt::AlignRight | Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(rows.rows[row].label, Qt::ElideRight,
                                                      static_cast<int>(box.width())));
  }
}

void TimelineView::paint_track(QPainter& painter, const TimelineSeries& series, const QRectF& box,
                               const QColor& color) const {
  const double low = std::min(static_cast<double>(series.low), 0.0);
  const double span = std::max(1e-12, static_cast<double>(series.high) - low);
  QPolygonF shape;
  const auto& times = series.time_ns;
  auto from = std::lower_bound(times.begin(), times.end(), axis_.view().begin);
  if (from != times.begin()) --from;
  // No more points than pixels: of those on one pixel the largest stays.
  double last_x = -1.0;
  for (auto at = from; at != times.end(); ++at) {
    const float value = series.values[static_cast<std::size_t>(at - times.begin())];
    if (!std::isfinite(value)) continue;
    const double x = box.left() + std::floor(axis_.to_pixel(*at));
    const double y =
        box.bottom() - 2.0 - (static_cast<double>(value) - low) / span * (box.height() - 4.0);
    if (x == last_x && !shape.isEmpty()) {
      shape.back().setY(std::min(shape.back().y(), y));
    } else {
      shape << QPointF(x, y);
    }
    last_x = x;
    if (x > box.right()) break;
  }
  painter.setPen(QPen(color, 1.3));
  painter.drawPolyline(shape);
  const QString name =
      series.unit.isEmpty() ? series.title : tr("%1, %2").arg(series.title, series.unit);
  const QFontMetrics metrics = painter.fontMetrics();
  const QString text =
      metrics.elidedText(name, Qt::ElideMiddle, std::max(0, static_cast<int>(box.width()) - 10));
  const QRectF label(box.left() + 4.0, box.top(), metrics.horizontalAdvance(text) + 6.0,
                     metrics.height());
  QColor behind = theme_of(*this).canvas;
  behind.setAlpha(200);
  painter.fillRect(label, behind);
  painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter, text);
}

void TimelineView::paint_scale(QPainter& painter, const TimelineSeries& series,
                               const QRectF& box) const {
  const double line = painter.fontMetrics().height();
  painter.setPen(theme_of(*this).muted);
  const QRectF gutter(0.0, box.top(), box.left() - 6.0, box.height());
  const QString unit = series.unit == QLatin1String("%") ? QStringLiteral(" %") : QString();
  painter.drawText(gutter, Qt::AlignRight | Qt::AlignTop,
                   number_text(static_cast<double>(series.high), 3) + unit);
  if (box.height() < 2.0 * line) return;
  painter.drawText(gutter, Qt::AlignRight | Qt::AlignBottom,
                   number_text(std::min(static_cast<double>(series.low), 0.0), 3));
}

void TimelineView::paint_tracks(QPainter& painter, const Areas& places) const {
  if (places.track_count == 0) return;
  const Theme& colors = theme_of(*this);
  painter.fillRect(places.tracks, colors.canvas);
  const double each = places.tracks.height() / static_cast<double>(places.track_count);
  for (std::size_t i = 0; i < places.track_count; ++i) {
    const TimelineSeries& series = model_->series()[series_[i]];
    const QRectF box(places.tracks.left(), places.tracks.top() + static_cast<double>(i) * each,
                     places.tracks.width(), each);
    painter.save();
    painter.setClipRect(box.adjusted(0, -1, 0, 1));
    paint_track(painter, series, box, colors.series[series_[i] % colors.series.size()]);
    painter.restore();
    paint_scale(painter, series, box);
    painter.setPen(colors.border);
    painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, -0.5));
  }
}

}  // namespace bsfa::gui
