// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/plot.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <cmath>

#include <qcustomplot.h>

namespace bsfa::gui {
namespace {

constexpr int kStill = 4;  // pixels that a hand moves in a click

}  // namespace

Plot::Plot(const QString& name, const QString& description, QWidget* parent)
    : QWidget(parent), canvas_(new QCustomPlot(this)) {
  setAccessibleName(name);
  setAccessibleDescription(description);
  setFocusPolicy(Qt::StrongFocus);
  canvas_->setFocusPolicy(Qt::NoFocus);
  // Cut off rather than shrunk to nothing, which QCustomPlot cannot draw.
  canvas_->setMinimumSize(40, 40);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(1, 1, 1, 1);
  column->addWidget(canvas_);
  canvas_->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
  canvas_->setNoAntialiasingOnDrag(true);
  canvas_->axisRect()->setupFullAxesBox(false);
  canvas_->xAxis2->setTickLabels(false), canvas_->yAxis2->setTickLabels(false);
  canvas_->xAxis2->setTicks(false), canvas_->yAxis2->setTicks(false);
  connect_mouse();
  restyle();
}

Plot::~Plot() = default;

QSize Plot::sizeHint() const {
  return {em(*this, 20), em(*this, 12)};
}

QSize Plot::minimumSizeHint() const {
  return {em(*this, 9), em(*this, 6)};
}

void Plot::connect_mouse() {
  connect(canvas_, &QCustomPlot::mousePress, this, &Plot::press);
  connect(canvas_, &QCustomPlot::mouseMove, this, &Plot::move);
  connect(canvas_, &QCustomPlot::mouseRelease, this, &Plot::release);
  connect(canvas_, &QCustomPlot::mouseWheel, this, [this] { is_zoomed_ = true; });
  connect(canvas_, &QCustomPlot::mouseDoubleClick, this, [this] { fit(); });
}

void Plot::set_axis_titles(const QString& x, const QString& y) {
  canvas_->xAxis->setLabel(x);
  canvas_->yAxis->setLabel(y);
  replot_soon();
}

void Plot::set_extent(double x_low, double x_high, double y_low, double y_high) {
  const std::array<double, 4> asked = {x_low, x_high, y_low, y_high};
  if (!std::all_of(asked.begin(), asked.end(), [](double v) { return std::isfinite(v); })) return;
  std::copy(asked.begin(), asked.end(), extent_);
  // A range without width cannot be shown.
  if (extent_[0] >= extent_[1]) extent_[0] -= 0.5, extent_[1] = extent_[0] + 1.0;
  if (extent_[2] >= extent_[3]) extent_[2] -= 0.5, extent_[3] = extent_[2] + 1.0;
  if (!is_zoomed_) fit();
}

void Plot::fit() {
  is_zoomed_ = false;
  canvas_->xAxis->setRange(extent_[0], extent_[1]);
  canvas_->yAxis->setRange(extent_[2], extent_[3]);
  replot_soon();
}

void Plot::set_horizontal_only(bool on) {
  horizontal_only_ = on;
  const Qt::Orientations free =
      on ? Qt::Orientations(Qt::Horizontal) : Qt::Orientations(Qt::Horizontal | Qt::Vertical);
  canvas_->axisRect()->setRangeDrag(free);
  canvas_->axisRect()->setRangeZoom(free);
}

int Plot::add_line(Qt::Orientation orientation, QColor Theme::*color, bool draggable) {
  auto* item = new QCPItemStraightLine(canvas_);
  auto* text = new QCPItemText(canvas_);
  for (QCPItemPosition* end : {item->point1, item->point2}) {
    orientation == Qt::Vertical ? end->setTypeY(QCPItemPosition::ptAxisRectRatio)
                                : end->setTypeX(QCPItemPosition::ptAxisRectRatio);
  }
  if (orientation == Qt::Vertical) {
    text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    text->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
  } else {
    text->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    text->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
  }
  text->setPadding(QMargins(4, 1, 4, 1));
  lines_.push_back({orientation, color, draggable, std::nullopt, item, text});
  place(lines_.back());
  restyle();
  return static_cast<int>(lines_.size()) - 1;
}

void Plot::set_line(int line, std::optional<double> value, const QString& label) {
  Line& changed = lines_[static_cast<std::size_t>(line)];
  if (value && !std::isfinite(*value)) value.reset();
  changed.value = value;
  changed.text->setText(label);
  place(changed);
  replot_soon();
}

std::optional<double> Plot::line(int line) const {
  return lines_[static_cast<std::size_t>(line)].value;
}

void Plot::place(Line& line) {
  line.item->setVisible(line.value.has_value());
  line.text->setVisible(line.value.has_value() && !line.text->text().isEmpty());
  if (!line.value) return;
  const double at = *line.value;
  if (line.orientation == Qt::Vertical) {
    line.item->point1->setCoords(at, 0.0), line.item->point2->setCoords(at, 1.0);
    line.text->position->setCoords(at, 0.0);
    // The label stays inside: left of a line in the right half.
    const bool is_right = at > (extent_[0] + extent_[1]) / 2.0;
    line.text->setPositionAlignment((is_right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignTop);
  } else {
    line.item->point1->setCoords(0.0, at), line.item->point2->setCoords(1.0, at);
    line.text->position->setCoords(1.0, at);
  }
}

double Plot::value_at(Qt::Orientation orientation, const QPointF& point) const {
  return orientation == Qt::Vertical ? canvas_->xAxis->pixelToCoord(point.x())
                                     : canvas_->yAxis->pixelToCoord(point.y());
}

int Plot::line_at(const QPointF& point) const {
  if (!canvas_->axisRect()->rect().contains(point.toPoint())) return -1;
  const double reach = std::max(4.0, 0.35 * em(*this));
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line& line = lines_[i];
    if (!line.draggable || !line.value) continue;
    const double distance = line.orientation == Qt::Vertical
                                ? std::abs(canvas_->xAxis->coordToPixel(*line.value) - point.x())
                                : std::abs(canvas_->yAxis->coordToPixel(*line.value) - point.y());
    if (distance <= reach) return static_cast<int>(i);
  }
  return -1;
}

void Plot::press(QMouseEvent* event) {
  setFocus(Qt::MouseFocusReason);
  pressed_at_ = event->pos();
  if (event->button() != Qt::LeftButton) return;
  dragged_ = line_at(event->position());
  if (dragged_ < 0) return;
  is_moved_ = false;
  before_drag_ = *lines_[static_cast<std::size_t>(dragged_)].value;
  canvas_->setInteraction(QCP::iRangeDrag, false);
}

void Plot::move(QMouseEvent* event) {
  if (dragged_ >= 0) {
    if (!is_moved_ && (event->pos() - pressed_at_).manhattanLength() < kStill) return;
    is_moved_ = true;
    Line& line = lines_[static_cast<std::size_t>(dragged_)];
    line.value = value_at(line.orientation, event->position());
    place(line);
    replot_soon();
    emit line_moved(dragged_, *line.value);
    return;
  }
  if (event->buttons() != Qt::NoButton) {
    is_zoomed_ = true;
    return;
  }
  const int line = line_at(event->position());
  if (line < 0) {
    canvas_->unsetCursor();
  } else {
    const bool is_vertical = lines_[static_cast<std::size_t>(line)].orientation == Qt::Vertical;
    canvas_->setCursor(is_vertical ? Qt::SizeHorCursor : Qt::SizeVerCursor);
  }
  emit hovered(value_at(Qt::Vertical, event->position()),
               value_at(Qt::Horizontal, event->position()));
}

void Plot::release(QMouseEvent* event) {
  if (dragged_ >= 0 && is_moved_) return stop_drag();
  if (dragged_ >= 0) {
    dragged_ = -1;
    canvas_->setInteraction(QCP::iRangeDrag, true);
  }
  if ((event->pos() - pressed_at_).manhattanLength() < kStill &&
      event->button() == Qt::LeftButton) {
    emit clicked(value_at(Qt::Vertical, event->position()),
                 value_at(Qt::Horizontal, event->position()));
  }
}

void Plot::stop_drag() {
  const int line = std::exchange(dragged_, -1);
  canvas_->setInteraction(QCP::iRangeDrag, true);
  emit line_released(line, lines_[static_cast<std::size_t>(line)].value.value_or(before_drag_));
}

void Plot::give_up_drag() {
  const int line = std::exchange(dragged_, -1);
  canvas_->setInteraction(QCP::iRangeDrag, true);
  if (!is_moved_) return;
  Line& moved = lines_[static_cast<std::size_t>(line)];
  moved.value = before_drag_;
  place(moved);
  replot_soon();
  emit line_moved(line, before_drag_);
  emit line_given_up(line);
}

bool Plot::move_by_key(int key, Qt::KeyboardModifiers modifiers) {
  const bool is_vertical = key == Qt::Key_Left || key == Qt::Key_Right;
  if (!is_vertical && key != Qt::Key_Up && key != Qt::Key_Down) return false;
  const Qt::Orientation orientation = is_vertical ? Qt::Vertical : Qt::Horizontal;
  const auto found = std::find_if(lines_.begin(), lines_.end(), [&](const Line& line) {
    return line.draggable && line.value && line.orientation == orientation;
  });
  if (found == lines_.end()) return false;
  const QCPRange seen = is_vertical ? canvas_->xAxis->range() : canvas_->yAxis->range();
  double step = line_step_ > 0.0 ? line_step_ : seen.size() / 100.0;
  if (modifiers & Qt::ShiftModifier) step *= 10.0;
  if (key == Qt::Key_Left || key == Qt::Key_Down) step = -step;
  found->value = *found->value + step;
  place(*found);
  replot_soon();
  const int line = static_cast<int>(found - lines_.begin());
  emit line_moved(line, *lines_[static_cast<std::size_t>(line)].value);
  emit line_released(line, *lines_[static_cast<std::size_t>(line)].value);
  return true;
}

void Plot::pan_or_zoom(int key) {
  QCPAxis *x = canvas_->xAxis, *y = canvas_->yAxis;
  const double dx = x->range().size() / 10.0, dy = y->range().size() / 10.0;
  is_zoomed_ = true;
  switch (key) {
    case Qt::Key_Left:
      x->moveRange(-dx);
      break;
    case Qt::Key_Right:
      x->moveRange(dx);
      break;
    case Qt::Key_Up:
      y->moveRange(horizontal_only_ ? 0.0 : dy);
      break;
    case Qt::Key_Down:
      y->moveRange(horizontal_only_ ? 0.0 : -dy);
      break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      x->scaleRange(0.8, x->range().center());
      break;
    case Qt::Key_Minus:
      x->scaleRange(1.25, x->range().center());
      break;
    default:
      break;
  }
  replot_soon();
}

void Plot::keyPressEvent(QKeyEvent* event) {
  constexpr int kPanOrZoom[] = {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up,   Qt::Key_Down,
                                Qt::Key_Plus, Qt::Key_Equal, Qt::Key_Minus};
  const int key = event->key();
  const bool is_command =
      event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier);
  if (!is_command) {
    if (key == Qt::Key_Escape && dragged_ >= 0) return give_up_drag();
    if (key == Qt::Key_0 || key == Qt::Key_Home) return fit();
    if (move_by_key(key, event->modifiers())) return;
    if (std::find(std::begin(kPanOrZoom), std::end(kPanOrZoom), key) != std::end(kPanOrZoom)) {
      return pan_or_zoom(key);
    }
  }
  QWidget::keyPressEvent(event);
}

void Plot::restyle() {
  const Theme& colors = theme_of(*this);
  canvas_->setBackground(QBrush(colors.panel));
  canvas_->axisRect()->setBackground(QBrush(colors.canvas));
  for (QCPAxis* axis : {canvas_->xAxis, canvas_->yAxis, canvas_->xAxis2, canvas_->yAxis2}) {
    axis->setBasePen(QPen(colors.border)), axis->setTickPen(QPen(colors.border));
    axis->setSubTickPen(Qt::NoPen);
    axis->setTickLabelColor(colors.muted), axis->setLabelColor(colors.muted);
    axis->setTickLabelFont(small_font(*this)), axis->setLabelFont(small_font(*this));
    axis->grid()->setPen(QPen(colors.grid)), axis->grid()->setZeroLinePen(QPen(colors.grid));
  }
  for (const Line& line : lines_) {
    const QColor color = colors.*line.color;
    line.item->setPen(QPen(color, line.draggable ? 2.0 : 1.0));
    line.text->setColor(color);
    line.text->setFont(small_font(*this));
    QColor behind = colors.canvas;
    behind.setAlpha(215);
    line.text->setBrush(behind);
  }
  canvas_->legend->setFont(small_font(*this));
  canvas_->legend->setTextColor(colors.text);
  canvas_->legend->setBrush(QBrush(colors.panel));
  canvas_->legend->setBorderPen(QPen(colors.border));
  restyle_data(colors);
  replot_soon();
}

void Plot::restyle_data(const Theme&) {}

void Plot::replot_soon() {
  canvas_->replot(QCustomPlot::rpQueuedReplot);
}

void Plot::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) restyle();
  QWidget::changeEvent(event);
}

void Plot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const Theme& colors = theme_of(*this);
  painter.setPen(hasFocus() ? colors.selection : colors.border);
  painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void Plot::focusInEvent(QFocusEvent* event) {
  update();
  QWidget::focusInEvent(event);
}

void Plot::focusOutEvent(QFocusEvent* event) {
  update();
  QWidget::focusOutEvent(event);
}

}  // namespace bsfa::gui
