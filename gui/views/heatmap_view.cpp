// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/heatmap_view.h"

#include <QApplication>
#include <QMouseEvent>
#include <QStyleHints>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include "gui/views/theme.h"
#include "gui/views/tile_text.h"

namespace bsfa::gui {
namespace {

constexpr int kBlinkMs = 350;
constexpr double kWheelFactor = 1.25;  // a notch
constexpr qint64 kPauseMs = 500;       // moves closer than this are one step of the history

}  // namespace

HeatmapView::HeatmapView(SelectionModel& selection, QWidget* parent)
    : QWidget(parent), selection_(selection) {
  setAccessibleName(tr("Heatmap of a head"));
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_OpaquePaintEvent);
  blink_timer_.setInterval(kBlinkMs);
  connect(&blink_timer_, &QTimer::timeout, this, [this] {
    blink_side_ = 1 - blink_side_;
    image_is_old_ = true;
    update();
  });
  connect(&selection_, &SelectionModel::changed, this, [this] {
    const Tile tile = selected();
    if (head_ && field_ && tile.is_valid()) {
      setAccessibleDescription(tile_line(*head_, *field_, tile.row, tile.column));
      if (viewport_.reveal(
              QPointF(static_cast<double>(tile.column), static_cast<double>(tile.row)))) {
        view_moved();
      }
    }
    update();
  });
}

QSize HeatmapView::sizeHint() const {
  return {em(*this, 40), em(*this, 24)};
}

QSize HeatmapView::minimumSizeHint() const {
  return {em(*this, 14), em(*this, 10)};
}

void HeatmapView::set_head(std::shared_ptr<const HeadArrays> head,
                           std::shared_ptr<const TileField> field) {
  if (head != head_) {
    set_blink(false);
    masks_[0] = masks_[1] = nullptr;
    hovered_ = {};
  }
  head_ = std::move(head);
  field_ = std::move(field);
  const QRectF before = viewport_.view();
  viewport_.set_tiles(
      field_ ? QSizeF(static_cast<double>(field_->columns()), static_cast<double>(field_->rows()))
             : QSizeF(0, 0));
  image_is_old_ = true;
  place_area();
  if (viewport_.view() != before) emit view_changed(viewport_.view());
  emit content_changed();
  update();
}

void HeatmapView::set_heading(const QString& text) {
  heading_ = text;
  update();
}

void HeatmapView::set_contrast(const Contrast& contrast) {
  if (contrast == contrast_) return;
  contrast_ = contrast;
  image_is_old_ = true;
  emit content_changed();
  update();
}

void HeatmapView::set_view(const QRectF& tiles) {
  if (tiles == viewport_.view()) return;
  viewport_.show(tiles);
  remember();
  view_moved();
}

void HeatmapView::fit() {
  viewport_.fit();
  viewport_.remember();
  view_moved();
}

void HeatmapView::go_back() {
  if (viewport_.back()) view_moved();
}

void HeatmapView::go_forward() {
  if (viewport_.forward()) view_moved();
}

void HeatmapView::view_moved() {
  image_is_old_ = true;
  emit view_changed(viewport_.view());
  update();
}

void HeatmapView::zoom(const QPointF& pixel, double factor) {
  viewport_.zoom_at(pixel, factor);
  remember();
  view_moved();
}

void HeatmapView::remember() {
  const bool goes_on = since_move_.isValid() && since_move_.elapsed() < kPauseMs;
  viewport_.remember(goes_on);
  since_move_.start();
}

void HeatmapView::set_blink(bool on) {
  if (on == is_blinking()) return;
  if (!on) {
    blink_timer_.stop();
    blink_side_ = -1;
  } else {
    if (!head_ || !head_->mask_reference || !head_->mask_kernel) return;
    if (!masks_[0]) {
      masks_[0] = std::make_shared<TileField>(
          make_field(*head_, Field::kReferenceMask, MaskSource::kReference));
      masks_[1] =
          std::make_shared<TileField>(make_field(*head_, Field::kKernelMask, MaskSource::kKernel));
    }
    blink_side_ = 0;
    blink_timer_.start();
  }
  image_is_old_ = true;
  update();
}

const TileField* HeatmapView::shown() const {
  return blink_side_ >= 0 ? masks_[blink_side_].get() : field_.get();
}

void HeatmapView::place_area() {
  const QFontMetricsF small(small_font(*this));
  const double line = small.height();
  const double left = line + small.horizontalAdvance(QStringLiteral("000000")) + 12.0;
  const QRectF area(
      QPointF(std::ceil(left), std::ceil(line + 6.0)),
      QPointF(std::floor(width() - 0.6 * line), std::floor(height() - 2.0 * line - 12.0)));
  if (area == viewport_.area()) return;
  viewport_.set_area(area.isValid() ? area : QRectF());
  image_is_old_ = true;
  emit area_changed();
}

HeatmapView::Tile HeatmapView::tile_at(const QPointF& pixel) const {
  if (!field_ || !viewport_.area().contains(pixel)) return {};
  const QPointF tile = viewport_.to_tile(pixel);
  const auto row = static_cast<std::int64_t>(std::floor(tile.y()));
  const auto column = static_cast<std::int64_t>(std::floor(tile.x()));
  if (row < 0 || column < 0 || row >= field_->rows() || column >= field_->columns()) return {};
  return {row, column};
}

HeatmapView::Tile HeatmapView::selected() const {
  if (!head_) return {};
  const Selection& now = selection_.current();
  const std::optional<std::int64_t> row = head_->row_of(now.q_block);
  if (!row) return {};
  return {*row, now.k_block < head_->k_blocks ? now.k_block : -1};
}

void HeatmapView::select(Tile tile, bool is_step) {
  if (!head_ || !tile.is_valid()) return;
  Selection wanted = selection_.current();
  wanted.q_block = head_->q_blocks[static_cast<std::size_t>(tile.row)];
  wanted.k_block = tile.column;
  is_step ? selection_.move_to(wanted) : selection_.select(wanted);
}

void HeatmapView::hover(Tile tile) {
  if (tile == hovered_) return;
  hovered_ = tile;
  const bool is_tile = tile.is_valid() && head_ && field_;
  emit hovered(is_tile ? tile_line(*head_, *field_, tile.row, tile.column) : QString());
  emit contrast_hint(is_tile && field_->values_known ? field_->value(tile.row, tile.column)
                                                     : std::numeric_limits<float>::quiet_NaN());
  update();
}

bool HeatmapView::move_selection(int key, Qt::KeyboardModifiers modifiers) {
  const bool is_arrow =
      key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down;
  if (!is_arrow || !head_ || head_->rows() == 0 || head_->k_blocks == 0) return false;
  Tile tile = selected();
  if (!tile.is_valid()) {
    // The first step chooses what the view's middle shows, in the row that is selected.
    const QPointF middle = viewport_.view().center();
    if (tile.row < 0) tile.row = static_cast<std::int64_t>(middle.y());
    tile.column = static_cast<std::int64_t>(middle.x());
  } else {
    const std::int64_t by = modifiers & Qt::ShiftModifier ? 10 : 1;
    tile.column += key == Qt::Key_Right ? by : key == Qt::Key_Left ? -by : 0;
    tile.row += key == Qt::Key_Down ? by : key == Qt::Key_Up ? -by : 0;
  }
  tile.row = std::clamp<std::int64_t>(tile.row, 0, head_->rows() - 1);
  tile.column = std::clamp<std::int64_t>(tile.column, 0, head_->k_blocks - 1);
  select(tile, true);
  return true;
}

void HeatmapView::resizeEvent(QResizeEvent*) {
  place_area();
  image_is_old_ = true;
}

void HeatmapView::wheelEvent(QWheelEvent* event) {
  const int delta = event->angleDelta().y();
  if (delta == 0 || !viewport_.area().contains(event->position())) return;
  zoom(event->position(), std::pow(kWheelFactor, delta / 120.0));
  event->accept();
}

void HeatmapView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::BackButton) return go_back();
  if (event->button() == Qt::ForwardButton) return go_forward();
  if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton) return;
  dragged_from_ = event->position();
  has_dragged_ = false;
}

void HeatmapView::mouseMoveEvent(QMouseEvent* event) {
  if (!dragged_from_) return hover(tile_at(event->position()));
  const QPointF by = event->position() - *dragged_from_;
  if (!has_dragged_ && by.manhattanLength() < QGuiApplication::styleHints()->startDragDistance()) {
    return;
  }
  has_dragged_ = true;
  setCursor(Qt::ClosedHandCursor);
  viewport_.pan(by);
  dragged_from_ = event->position();
  view_moved();
}

void HeatmapView::mouseReleaseEvent(QMouseEvent* event) {
  if (!dragged_from_) return;
  dragged_from_.reset();
  unsetCursor();
  if (has_dragged_) {
    viewport_.remember();
  } else if (event->button() == Qt::LeftButton) {
    select(tile_at(event->position()), false);
  }
}

void HeatmapView::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) fit();
}

void HeatmapView::leaveEvent(QEvent*) {
  hover({});
}

void HeatmapView::keyPressEvent(QKeyEvent* event) {
  const int key = event->key();
  if (event->modifiers() == Qt::AltModifier && (key == Qt::Key_Left || key == Qt::Key_Right)) {
    return key == Qt::Key_Left ? go_back() : go_forward();
  }
  if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier)) {
    return QWidget::keyPressEvent(event);
  }
  if (move_selection(key, event->modifiers())) return;
  const Tile tile = selected();
  const QPointF at = tile.is_valid()
                         ? viewport_.to_pixel(QPointF(static_cast<double>(tile.column) + 0.5,
                                                      static_cast<double>(tile.row) + 0.5))
                         : viewport_.area().center();
  switch (key) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom(at, kWheelFactor);
    case Qt::Key_Minus:
      return zoom(at, 1.0 / kWheelFactor);
    case Qt::Key_0:
    case Qt::Key_F:
      return fit();
    case Qt::Key_Space:
      if (!event->isAutoRepeat()) set_blink(true);
      return;
    default:
      QWidget::keyPressEvent(event);
  }
}

void HeatmapView::keyReleaseEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space) {
    if (!event->isAutoRepeat()) set_blink(false);
    return;
  }
  QWidget::keyReleaseEvent(event);
}

void HeatmapView::focusInEvent(QFocusEvent*) {
  update();
}

void HeatmapView::focusOutEvent(QFocusEvent*) {
  set_blink(false);
  update();
}

void HeatmapView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
    image_is_old_ = true;
    place_area();
    update();
  }
  QWidget::changeEvent(event);
}

}  // namespace bsfa::gui
