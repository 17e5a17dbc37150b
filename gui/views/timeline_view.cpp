// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/timeline_view.h"

#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QStyleHints>
#include <QToolButton>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/views/axis.h"
#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

constexpr double kWheelFactor = 1.25;
constexpr double kKeyFactor = 1.5;

}  // namespace

TimelineView::TimelineView(SelectionModel& selection, QWidget* parent)
    : QWidget(parent),
      selection_(selection),
      scroll_(new QScrollBar(Qt::Vertical, this)),
      color_button_(new QToolButton(this)),
      series_button_(new QToolButton(this)) {
  setAccessibleName(tr("Timeline of work items"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  scroll_->setAccessibleName(tr("Scroll lanes"));
  scroll_->setFocusPolicy(Qt::NoFocus);
  make_menus();
  connect(scroll_, &QScrollBar::valueChanged, this, [this] { update(); });
  connect(&selection_, &SelectionModel::changed, this, [this] {
    if (const auto place = selected()) {
      reveal(*place);
      const TimelineLane& lane = model_->lanes()[place->lane];
      setAccessibleDescription(model_->describe(lane.items[place->item]));
    }
    update();
  });
}

QSize TimelineView::sizeHint() const {
  return {em(*this, 40), em(*this, 14)};
}

QSize TimelineView::minimumSizeHint() const {
  return {em(*this, 14), em(*this, 7)};
}

void TimelineView::set_model(std::shared_ptr<const TimelineModel> model, std::int64_t layer) {
  model_ = std::move(model);
  layer_ = layer;
  hover_x_.reset();
  span_ = -1;
  double begin = 0.0, end = 1.0;
  if (model_ && !model_->empty()) begin = model_->begin_ns(), end = model_->end_ns();
  // Ten nanoseconds across the whole width: finer than any clock that items are stamped with.
  axis_ = Axis(begin, end, 100.0, std::min(10.0, end - begin));
  if (model_ && !model_->without_items()) axis_.set_view({0.0, std::max(model_->length_ns(), 1.0)});
  fill_menus();
  scroll_->setValue(0);
  lay_out();
  emit view_changed(axis_.view());
}

void TimelineView::set_color(ItemColor color) {
  color_ = color;
  fill_menus();
  update();
}

void TimelineView::set_view(const AxisView& view) {
  axis_.set_view(view);
  view_moved();
}

void TimelineView::fit() {
  const AxisView before = axis_.view();
  if (model_ && model_->length_ns() > 0.0) axis_.set_view({0.0, model_->length_ns()});
  if (!model_ || model_->length_ns() <= 0.0 || axis_.view() == before) axis_.fit();
  view_moved();
}

void TimelineView::view_moved() {
  emit view_changed(axis_.view());
  update();
}

void TimelineView::zoom(double at_x, double factor) {
  axis_.zoom(at_x - areas().lanes.left(), factor);
  view_moved();
}

std::optional<TimelineModel::Place> TimelineView::selected() const {
  const Selection& now = selection_.current();
  if (!model_ || now.layer != layer_) return std::nullopt;
  if (now.unit >= 0 && now.time_ns >= 0.0) {
    return model_->find(static_cast<std::uint32_t>(now.unit), now.time_ns);
  }
  return now.q_block < 0 ? std::nullopt : model_->find(now.sequence, now.head, now.q_block);
}

void TimelineView::select(const TimelineModel::Place& place) {
  const TimelineLane& lane = model_->lanes()[place.lane];
  const TimelineItem& item = lane.items[place.item];
  const core::WorkRecord& record = model_->records()[item.record];
  Selection wanted = selection_.current();
  wanted.layer = layer_;
  wanted.sequence = record.batch;
  wanted.head = record.head;
  wanted.q_block = record.q_block;
  span_ = -1;
  wanted.unit = lane.unit;
  wanted.time_ns = (item.start_ns + item.end_ns) / 2.0;
  selection_.select(wanted);
}

void TimelineView::select_beside(int by) {
  if (!model_ || model_->without_items()) return;
  TimelineModel::Place place = selected().value_or(TimelineModel::Place{});
  const auto count = static_cast<int>(model_->lanes()[place.lane].items.size());
  if (count == 0) return;
  if (selected()) {
    place.item =
        static_cast<std::size_t>(std::clamp(static_cast<int>(place.item) + by, 0, count - 1));
  }
  select(place);
}

void TimelineView::select_span(int span, std::optional<double> time_ns) {
  if (!model_ || span < 0 || static_cast<std::size_t>(span) >= model_->spans().spans.size()) return;
  const TimelineSpan& chosen = model_->spans().spans[static_cast<std::size_t>(span)];
  span_ = span;
  if (!time_ns && (chosen.end_ns < axis_.view().begin || chosen.start_ns > axis_.view().end)) {
    axis_.reveal(chosen.start_ns, chosen.end_ns);
    view_moved();
  }
  Selection wanted = selection_.current();
  wanted.layer = layer_;
  wanted.unit = -1;
  // Before the launch there is no time to select.
  wanted.time_ns = std::max(0.0, time_ns.value_or(chosen.start_ns));
  selection_.select(wanted);
  setAccessibleDescription(describe(chosen));
  emit hovered(describe(chosen));
  update();
}

void TimelineView::clear_selection() {
  span_ = -1;
  Selection wanted = selection_.current();
  wanted.unit = -1, wanted.time_ns = -1.0;
  wanted.q_block = -1, wanted.k_block = -1;
  selection_.select(wanted);
}

void TimelineView::hover(const QPointF& point) {
  const Areas places = areas();
  const QRectF all = places.spans | places.tracks | places.lanes;
  const bool is_inside = model_ && all.contains(point);
  hover_x_ = is_inside ? std::optional<double>(point.x()) : std::nullopt;
  emit hovered(is_inside ? hovered_line(point) : QString());
  update();
}

QString TimelineView::hovered_line(const QPointF& point) const {
  if (const auto place = place_at(point)) {
    return model_->describe(model_->lanes()[place->lane].items[place->item]);
  }
  if (const int span = span_at(point); span >= 0) {
    return describe(model_->spans().spans[static_cast<std::size_t>(span)]);
  }
  const Areas places = areas();
  const double time = axis_.to_value(point.x() - places.lanes.left());
  QString line = duration_text(time);
  if (places.track_count == 0 || !places.tracks.contains(point)) return line;
  const double each = places.tracks.height() / static_cast<double>(places.track_count);
  const auto track = std::min(places.track_count - 1,
                              static_cast<std::size_t>((point.y() - places.tracks.top()) / each));
  const TimelineSeries& series = model_->series()[series_[track]];
  const auto after = std::upper_bound(series.time_ns.begin(), series.time_ns.end(), time);
  if (after == series.time_ns.begin()) return line;
  const float value = series.values[static_cast<std::size_t>(after - series.time_ns.begin()) - 1];
  return tr("%1: %2 %3 = %4")
      .arg(line, number_text(static_cast<double>(value)), series.unit, series.name);
}

void TimelineView::resizeEvent(QResizeEvent*) {
  lay_out();
}

void TimelineView::wheelEvent(QWheelEvent* event) {
  const QPoint delta = event->angleDelta();
  const int turned = delta.y() != 0 ? delta.y() : delta.x();
  if (turned == 0) return;
  if (event->modifiers() & Qt::ControlModifier) {
    zoom(event->position().x(), std::pow(kWheelFactor, turned / 120.0));
  } else if (event->modifiers() & Qt::ShiftModifier || delta.y() == 0) {
    axis_.pan(-turned / 120.0 * axis_.pixels() / 10.0);
    view_moved();
  } else {
    scroll_->setValue(scroll_->value() - turned / 120 * 3 * scroll_->singleStep());
  }
  event->accept();
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  dragged_from_ = event->position();
  has_dragged_ = false;
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
  if (!dragged_from_) return hover(event->position());
  const QPointF by = event->position() - *dragged_from_;
  if (!has_dragged_ && by.manhattanLength() < QGuiApplication::styleHints()->startDragDistance()) {
    return;
  }
  has_dragged_ = true;
  dragged_from_ = event->position();
  axis_.pan(-by.x());
  scroll_->setValue(scroll_->value() - static_cast<int>(std::lround(by.y())));
  view_moved();
}

void TimelineView::mouseReleaseEvent(QMouseEvent* event) {
  if (!dragged_from_) return;
  dragged_from_.reset();
  if (has_dragged_ || event->button() != Qt::LeftButton) return;
  if (const auto place = place_at(event->position())) return select(*place);
  const int span = span_at(event->position());
  if (span >= 0) select_span(span, axis_.to_value(event->position().x() - areas().lanes.left()));
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) fit();
}

void TimelineView::leaveEvent(QEvent*) {
  hover({-1.0, -1.0});
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
  if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) {
    return QWidget::keyPressEvent(event);
  }
  const double middle = hover_x_.value_or(areas().lanes.center().x());
  switch (event->key()) {
    case Qt::Key_W:
      return zoom(middle, kKeyFactor);
    case Qt::Key_S:
      return zoom(middle, 1.0 / kKeyFactor);
    case Qt::Key_A:
      axis_.pan(-axis_.pixels() / 8.0);
      return view_moved();
    case Qt::Key_D:
      axis_.pan(axis_.pixels() / 8.0);
      return view_moved();
    case Qt::Key_Up:
      return scroll_->setValue(scroll_->value() - scroll_->singleStep());
    case Qt::Key_Down:
      return scroll_->setValue(scroll_->value() + scroll_->singleStep());
    case Qt::Key_Left:
      return select_beside(-1);
    case Qt::Key_Right:
      return select_beside(1);
    case Qt::Key_PageUp:
      return select_span(span_ < 0 ? 0 : span_ - 1, std::nullopt);
    case Qt::Key_PageDown:
      return select_span(span_ + 1, std::nullopt);
    case Qt::Key_0:
    case Qt::Key_F:
      return fit();
    case Qt::Key_Escape:
      return clear_selection();
    default:
      QWidget::keyPressEvent(event);
  }
}

void TimelineView::focusInEvent(QFocusEvent*) {
  update();
}

void TimelineView::focusOutEvent(QFocusEvent*) {
  update();
}

void TimelineView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) lay_out();
  QWidget::changeEvent(event);
}

}  // namespace bsfa::gui
