// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/overview_view.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <algorithm>
#include <cmath>
#include <limits>

#include "gui/views/axis.h"
#include "gui/views/theme.h"

namespace bsfa::gui {
namespace {

// Pictures held at once: what no screen shows more of. Those beyond come again from the store.
constexpr std::size_t kMostPictures = 192;

}  // namespace

OverviewView::OverviewView(SelectionModel& selection, QWidget* parent)
    : QAbstractScrollArea(parent), selection_(selection) {
  setAccessibleName(tr("Overview of all heads"));
  setFocusPolicy(Qt::StrongFocus);
  viewport()->setMouseTracking(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(&selection_, &SelectionModel::changed, this, [this] {
    const int now = selected();
    if (now < 0) return viewport()->update();
    setAccessibleDescription(line(cells_[static_cast<std::size_t>(now)].figures));
    const Grid places = grid();
    const int top = now / places.columns * places.cell.height();
    QScrollBar& bar = *verticalScrollBar();
    const int room = viewport()->height() - places.heading;
    if (top < bar.value()) bar.setValue(top);
    if (top + places.cell.height() > bar.value() + room)
      bar.setValue(top + places.cell.height() - room);
    viewport()->update();
  });
}

void OverviewView::set_layer(HeadStore* store, SequenceKey key, std::vector<HeadFigures> figures) {
  if (store_ != store) {
    if (store_ != nullptr) disconnect(store_, nullptr, this, nullptr);
    store_ = store;
    if (store_ != nullptr) {
      connect(store_, &HeadStore::thumbnail_loaded, this, &OverviewView::take);
      connect(store_, &QObject::destroyed, this, [this] { store_ = nullptr; });
    }
  }
  key_ = key;
  worst_ = worst_head(figures);
  cells_.clear();
  for (HeadFigures& one : figures) {
    if (one.key.sequence == key) cells_.push_back({std::move(one), {}, {}, false, {}});
  }
  lay_out();
}

void OverviewView::set_field(Field field) {
  if (field == field_) return;
  field_ = field;
  for (Cell& cell : cells_) cell.picture = nullptr, cell.is_asked = false, cell.range.reset();
  forget_images();
  ask_for_visible();
}

void OverviewView::set_contrast(std::optional<Contrast> contrast) {
  if (contrast == contrast_) return;
  contrast_ = contrast;
  forget_images();
}

Contrast OverviewView::contrast() const {
  if (contrast_) return *contrast_;
  if (is_categorical(field_)) return kCategoricalContrast;
  Contrast made{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                false};
  for (const Cell& cell : cells_) {
    if (!cell.range) continue;
    made.low = std::min(made.low, static_cast<double>(cell.range->first));
    made.high = std::max(made.high, static_cast<double>(cell.range->second));
  }
  if (made.low > made.high) return {};
  if (is_diverging(field_)) {
    made.high = std::max(std::abs(made.low), std::abs(made.high));
    made.low = -made.high;
  }
  return made;
}

void OverviewView::set_density(HeadKey key, double density) {
  for (Cell& cell : cells_) {
    if (cell.figures.key == key) cell.figures.density = density;
  }
  viewport()->update();
}

void OverviewView::set_tried(HeadKey key, const std::optional<TriedFigures>& figures) {
  for (Cell& cell : cells_) {
    if (cell.figures.key == key) cell.figures.tried = figures;
  }
  viewport()->update();
}

std::size_t OverviewView::loaded_pictures() const {
  return static_cast<std::size_t>(std::count_if(
      cells_.begin(), cells_.end(), [](const Cell& cell) { return cell.picture != nullptr; }));
}

void OverviewView::forget_images() {
  for (Cell& cell : cells_) cell.image = {};
  viewport()->update();
}

void OverviewView::take(HeadKey key, Field field) {
  if (key.sequence != key_ || field != field_ || store_ == nullptr) return;
  const auto found = std::find_if(cells_.begin(), cells_.end(),
                                  [&](const Cell& cell) { return cell.figures.key == key; });
  if (found == cells_.end()) return;
  found->picture = store_->thumbnail(key, field);
  if (!found->picture) return;
  const Contrast before = contrast();
  const std::vector<float> values = values_of(*found->picture);
  float low = std::numeric_limits<float>::infinity(), high = -low;
  for (const float value : values) {
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  }
  if (low <= high) found->range = {low, high};
  found->image = {};
  if (!(contrast() == before)) {
    forget_images();
    emit contrast_changed(contrast());
  }
  viewport()->update();
}

OverviewView::Grid OverviewView::grid() const {
  Grid made;
  made.heading = em(*this, 1.7);
  const int least = em(*this, 8), width = std::max(1, viewport()->width());
  const int room = std::max(1, viewport()->height() - made.heading);
  const int count = std::max(1, static_cast<int>(cells_.size()));
  const int text = em(*this, 1.2) + 2 * QFontMetrics(small_font(*this)).height() + em(*this, 0.5);
  const int most = std::clamp(width / least, 1, count);
  // The largest pictures with which all heads fit; small ones that scroll where none do.
  made.columns = most;
  int picture = em(*this, 6), best = 0;
  for (int columns = 1; columns <= most; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const int wide = width / columns, tall = std::min(room / rows - text, wide);
    if (tall < em(*this, 5)) continue;
    const int area = tall * std::min(wide, 2 * tall);
    if (area > best) best = area, picture = tall, made.columns = columns;
  }
  made.rows = (count + made.columns - 1) / made.columns;
  made.cell = QSize(width / made.columns, picture + text);
  return made;
}

void OverviewView::lay_out() {
  const Grid places = grid();
  const int room = std::max(1, viewport()->height() - places.heading);
  const int needed = cells_.empty() ? 0 : places.rows * places.cell.height();
  verticalScrollBar()->setPageStep(room);
  verticalScrollBar()->setSingleStep(std::max(1, places.cell.height() / 4));
  verticalScrollBar()->setRange(0, std::max(0, needed - room));
  forget_images();
  ask_for_visible();
}

QRect OverviewView::cell_rect(std::size_t index) const {
  const Grid places = grid();
  const int at = static_cast<int>(index);
  const QRect box(QPoint(at % places.columns * places.cell.width(),
                         places.heading + at / places.columns * places.cell.height() -
                             verticalScrollBar()->value()),
                  places.cell);
  const QRect shown(0, places.heading, viewport()->width(), viewport()->height() - places.heading);
  return index < cells_.size() && box.intersects(shown) ? box : QRect();
}

void OverviewView::ask_for_visible() {
  if (store_ == nullptr || cells_.empty()) return;
  const Grid places = grid();
  const int first_row = verticalScrollBar()->value() / places.cell.height();
  const int last_row = (verticalScrollBar()->value() + viewport()->height()) / places.cell.height();
  const int first = std::max(0, first_row * places.columns);
  const int end = std::min(static_cast<int>(cells_.size()), (last_row + 1) * places.columns);
  for (int i = first; i < end; ++i) {
    Cell& cell = cells_[static_cast<std::size_t>(i)];
    if (cell.picture || cell.is_asked) continue;
    cell.is_asked = true;
    store_->thumbnail(cell.figures.key, field_)
        ? take(cell.figures.key, field_)
        : store_->request_thumbnail(cell.figures.key, field_);
  }
  drop_far(first, end);
}

void OverviewView::drop_far(int first, int end) {
  if (loaded_pictures() <= kMostPictures) return;
  for (int i = 0; i < static_cast<int>(cells_.size()); ++i) {
    if (i >= first && i < end) continue;
    Cell& cell = cells_[static_cast<std::size_t>(i)];
    cell.picture = nullptr, cell.image = {}, cell.is_asked = false;
  }
}

int OverviewView::index_at(const QPoint& point) const {
  const Grid places = grid();
  if (point.y() < places.heading || point.x() < 0) return -1;
  const int column = point.x() / places.cell.width();
  const int row =
      (point.y() - places.heading + verticalScrollBar()->value()) / places.cell.height();
  const int index = row * places.columns + column;
  return column < places.columns && index < static_cast<int>(cells_.size()) ? index : -1;
}

int OverviewView::selected() const {
  const HeadKey now = selection_.current().head_key();
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].figures.key == now) return static_cast<int>(i);
  }
  return -1;
}

void OverviewView::select(int index) {
  if (index < 0 || index >= static_cast<int>(cells_.size())) return;
  selection_.select_head(cells_[static_cast<std::size_t>(index)].figures.key);
}

void OverviewView::resizeEvent(QResizeEvent*) {
  lay_out();
}

void OverviewView::scrollContentsBy(int, int) {
  ask_for_visible();
  viewport()->update();
}

void OverviewView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) select(index_at(event->pos()));
}

void OverviewView::mouseDoubleClickEvent(QMouseEvent* event) {
  const int index = index_at(event->pos());
  if (index < 0 || event->button() != Qt::LeftButton) return;
  select(index);
  emit head_activated(cells_[static_cast<std::size_t>(index)].figures.key);
}

void OverviewView::mouseMoveEvent(QMouseEvent* event) {
  const int index = index_at(event->pos());
  emit hovered(index < 0 ? QString() : line(cells_[static_cast<std::size_t>(index)].figures));
}

void OverviewView::keyPressEvent(QKeyEvent* event) {
  const int now = selected(), last = static_cast<int>(cells_.size()) - 1;
  const int columns = grid().columns;
  switch (event->key()) {
    case Qt::Key_Left:
      return select(now < 0 ? 0 : now - 1);
    case Qt::Key_Right:
      return select(now < 0 ? 0 : now + 1);
    case Qt::Key_Up:
      return select(now < 0 ? 0 : now - columns);
    case Qt::Key_Down:
      return select(now < 0 ? 0 : now + columns);
    case Qt::Key_Home:
      return select(0);
    case Qt::Key_End:
      return select(last);
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (now >= 0) emit head_activated(cells_[static_cast<std::size_t>(now)].figures.key);
      return;
    default:
      QAbstractScrollArea::keyPressEvent(event);
  }
}

void OverviewView::changeEvent(QEvent* event) {
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) lay_out();
  QAbstractScrollArea::changeEvent(event);
}

}  // namespace bsfa::gui
