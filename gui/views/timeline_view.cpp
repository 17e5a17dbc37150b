// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/timeline_view.h"

#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QStyleHints>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

constexpr double kWheelFactor = 1.25;
constexpr double kKeyFactor = 1.5;

}  // namespace

TimelineView::TimelineView(SelectionModel& selection, QWidget* parent)
    : QWidget(parent), selection_(selection), scroll_(new QScrollBar(Qt::Vertical, this)) {
  setAccessibleName(tr("Timeline of work items"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  scroll_->setAccessibleName(tr("Scroll lanes"));
  scroll_->setFocusPolicy(Qt::NoFocus);
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
  const double length = model_ && model_->length_ns() > 0.0 ? model_->length_ns() : 1.0;
  // Ten nanoseconds across the whole width: finer than any clock that items are stamped with.
  axis_ = Axis(0.0, length, 100.0, std::min(10.0, length));
  scroll_->setValue(0);
  lay_out();
  emit view_changed(axis_.view());
}

void TimelineView::set_color(ItemColor color) {
  color_ = color;
  update();
}

void TimelineView::set_view(const AxisView& view) {
  axis_.set_view(view);
  view_moved();
}

void TimelineView::fit() {
  axis_.fit();
  view_moved();
}

void TimelineView::view_moved() {
  emit view_changed(axis_.view());
  update();
}

TimelineView::Areas TimelineView::areas() const {
  Areas made;
  const QFontMetricsF small(small_font(*this));
  const double line = small.height();
  const double left = small.horizontalAdvance(QStringLiteral("worker 000")) + 10.0;
  const double right = width() - scroll_->sizeHint().width() - 4.0;
  const double heading = line + 6.0, ruler = 2.0 * line + 10.0;
  const std::size_t tracks = model_ ? std::min<std::size_t>(model_->series().size(), 4) : 0;
  const double room = height() - heading - ruler;
  const double track_height =
      tracks == 0 ? 0.0 : std::min(room * 0.35, static_cast<double>(tracks) * 2.2 * line);
  made.heading = QRectF(4.0, 0.0, width() - 8.0, heading);
  made.tracks = QRectF(left, heading, right - left, track_height);
  const double top = heading + track_height + (tracks == 0 ? 0.0 : 4.0);
  made.lanes = QRectF(left, top, right - left, std::max(0.0, heading + room - top));
  // All lanes at once where each still has four pixels, else they scroll.
  const double count =
      model_ ? static_cast<double>(std::max<std::size_t>(model_->lanes().size(), 1)) : 1.0;
  made.lane_height = std::clamp(made.lanes.height() / count, 4.0, 3.0 * line);
  return made;
}

void TimelineView::lay_out() {
  const Areas places = areas();
  axis_.set_pixels(std::max(1.0, places.lanes.width()));
  const double needed =
      model_ ? places.lane_height * static_cast<double>(model_->lanes().size()) : 0.0;
  scroll_->setGeometry(static_cast<int>(places.lanes.right()) + 2,
                       static_cast<int>(places.lanes.top()), scroll_->sizeHint().width(),
                       static_cast<int>(places.lanes.height()));
  const int beyond = static_cast<int>(std::ceil(needed - places.lanes.height() - 0.5));
  scroll_->setRange(0, std::max(0, beyond));
  scroll_->setPageStep(std::max(1, static_cast<int>(places.lanes.height())));
  scroll_->setSingleStep(std::max(1, static_cast<int>(places.lane_height)));
  scroll_->setVisible(beyond > 0);
  update();
}

void TimelineView::zoom(double at_x, double factor) {
  axis_.zoom(at_x - areas().lanes.left(), factor);
  view_moved();
}

std::optional<TimelineModel::Place> TimelineView::place_at(const QPointF& point) const {
  const Areas places = areas();
  if (!model_ || !places.lanes.contains(point)) return std::nullopt;
  const double y = point.y() - places.lanes.top() + scroll_->value();
  const auto lane = static_cast<std::size_t>(y / places.lane_height);
  if (lane >= model_->lanes().size()) return std::nullopt;
  const double time = axis_.to_value(point.x() - places.lanes.left());
  const TimelineItem* item = model_->hit(lane, time, 2.0 * axis_.per_pixel());
  if (item == nullptr) return std::nullopt;
  return TimelineModel::Place{lane,
                              static_cast<std::size_t>(item - model_->lanes()[lane].items.data())};
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
  wanted.unit = lane.unit;
  wanted.time_ns = (item.start_ns + item.end_ns) / 2.0;
  selection_.select(wanted);
}

void TimelineView::select_beside(int by) {
  if (!model_ || model_->empty()) return;
  TimelineModel::Place place = selected().value_or(TimelineModel::Place{});
  const auto count = static_cast<int>(model_->lanes()[place.lane].items.size());
  if (count == 0) return;
  if (selected()) {
    place.item =
        static_cast<std::size_t>(std::clamp(static_cast<int>(place.item) + by, 0, count - 1));
  }
  select(place);
}

void TimelineView::clear_selection() {
  Selection wanted = selection_.current();
  wanted.unit = -1, wanted.time_ns = -1.0;
  wanted.q_block = -1, wanted.k_block = -1;
  selection_.select(wanted);
}

std::optional<QRectF> TimelineView::item_rect(const TimelineModel::Place& place) const {
  const Areas places = areas();
  const TimelineItem& item = model_->lanes()[place.lane].items[place.item];
  const double left = axis_.to_pixel(item.start_ns), right = axis_.to_pixel(item.end_ns);
  const double top = static_cast<double>(place.lane) * places.lane_height - scroll_->value();
  if (right < 0.0 || left > places.lanes.width() || top + places.lane_height < 0.0 ||
      top > places.lanes.height()) {
    return std::nullopt;
  }
  return QRectF(places.lanes.left() + left, places.lanes.top() + top, std::max(1.0, right - left),
                places.lane_height);
}

void TimelineView::reveal(const TimelineModel::Place& place) {
  const Areas places = areas();
  const TimelineItem& item = model_->lanes()[place.lane].items[place.item];
  if (item.end_ns < axis_.view().begin || item.start_ns > axis_.view().end) {
    axis_.reveal(item.start_ns, item.end_ns);
    view_moved();
  }
  const double top = static_cast<double>(place.lane) * places.lane_height;
  if (top < scroll_->value() ||
      top + places.lane_height > scroll_->value() + places.lanes.height()) {
    scroll_->setValue(static_cast<int>(top - places.lanes.height() / 2.0));
  }
}

void TimelineView::hover(const QPointF& point) {
  const Areas places = areas();
  const bool is_inside = model_ && QRectF(places.tracks | places.lanes).contains(point);
  hover_x_ = is_inside ? std::optional<double>(point.x()) : std::nullopt;
  QString line;
  if (const auto place = place_at(point)) {
    line = model_->describe(model_->lanes()[place->lane].items[place->item]);
  } else if (is_inside) {
    line = duration_text(axis_.to_value(point.x() - places.lanes.left()));
  }
  emit hovered(line);
  update();
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
  if (const auto place = place_at(event->position())) select(*place);
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
