// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/block_error_plot.h"

#include <QKeyEvent>
#include <algorithm>
#include <cmath>

#include <qcustomplot.h>

namespace bsfa::gui {
namespace {

QString unit_of(BlockError error) {
  switch (error) {
    case BlockError::kArithmetic:
      return BlockErrorPlot::tr("error / bound");
    case BlockError::kGating:
      return BlockErrorPlot::tr("violations");
    case BlockError::kMethod:
      return BlockErrorPlot::tr("relative L2");
  }
  return {};
}

}  // namespace

BlockErrorPlot::BlockErrorPlot(BlockError error, SelectionModel& selection, QWidget* parent)
    : Plot(tr("%1 error over Q blocks").arg(name_of(error)),
           tr("Left and Right select the Q block before or after."), parent),
      error_(error),
      selection_(selection),
      right_(new QCPBars(canvas().xAxis, canvas().yAxis)),
      wrong_(new QCPBars(canvas().xAxis, canvas().yAxis)),
      marks_(canvas().addGraph()) {
  marks_->setLineStyle(QCPGraph::lsNone);
  for (QCPBars* bars : {right_, wrong_}) bars->setWidth(0.9);
  set_axis_titles(tr("Q block · %1: %2").arg(name_of(error), unit_of(error)), {});
  set_horizontal_only(true);
  place_line_ = add_line(Qt::Vertical, &Theme::muted, false);
  if (error_ == BlockError::kArithmetic) bound_line_ = add_line(Qt::Horizontal, &Theme::bad, false);
  connect(this, &Plot::clicked, this, [this](double x) { select_nearest(x); });
  connect(&selection_, &SelectionModel::changed, this, [this] { follow(); });
  restyle();
}

void BlockErrorPlot::set_head(const traces::Sequence* sequence, std::int64_t head) {
  q_blocks_.clear();
  faults_ = 0;
  QVector<double> right_x, right_y, wrong_x, wrong_y;
  double top = 0.0;
  if (sequence != nullptr && head >= 0 && head < sequence->shape.heads) {
    q_blocks_ = sequence->q_blocks;
    for (std::size_t row = 0; row < q_blocks_.size(); ++row) {
      const BlockFigures block = block_figures(*sequence, head, static_cast<std::int64_t>(row));
      const std::optional<double> value = value_of(block, error_);
      const double x = static_cast<double>(q_blocks_[row]);
      if (is_fault(block, error_)) {
        // What is no number still gets a bar: the bound's.
        const double y = value && std::isfinite(*value) ? *value : 1.0;
        wrong_x.push_back(x), wrong_y.push_back(y), top = std::max(top, y);
        ++faults_;
      } else if (value && std::isfinite(*value)) {
        right_x.push_back(x), right_y.push_back(*value), top = std::max(top, *value);
      }
    }
  }
  right_->setData(right_x, right_y, true);
  wrong_->setData(wrong_x, wrong_y, true);
  marks_->setData(wrong_x, wrong_y, true);
  const bool has_data = !right_x.isEmpty() || !wrong_x.isEmpty();
  if (bound_line_ >= 0) {
    set_line(bound_line_, has_data ? std::optional<double>(1.0) : std::nullopt, tr("bound"));
    top = std::max(top, 1.0);
  }
  if (!q_blocks_.empty()) {
    set_extent(static_cast<double>(q_blocks_.front()) - 1.0,
               static_cast<double>(q_blocks_.back()) + 1.0, 0.0, top > 0.0 ? top * 1.12 : 1.0);
  }
  follow();
}

void BlockErrorPlot::follow() {
  const std::int64_t now = selection_.current().q_block;
  const bool is_here = std::binary_search(q_blocks_.begin(), q_blocks_.end(), now);
  set_line(place_line_, is_here ? std::optional<double>(static_cast<double>(now)) : std::nullopt);
}

void BlockErrorPlot::select_nearest(double q_block) {
  if (q_blocks_.empty()) return;
  const auto nearest =
      std::min_element(q_blocks_.begin(), q_blocks_.end(), [&](auto one, auto other) {
        return std::abs(static_cast<double>(one) - q_block) <
               std::abs(static_cast<double>(other) - q_block);
      });
  selection_.select_block(selection_.current().head_key(), *nearest);
}

void BlockErrorPlot::step(int by) {
  if (q_blocks_.empty()) return;
  const auto now =
      std::lower_bound(q_blocks_.begin(), q_blocks_.end(), selection_.current().q_block);
  const auto last = static_cast<std::ptrdiff_t>(q_blocks_.size()) - 1;
  const std::ptrdiff_t to = std::clamp<std::ptrdiff_t>(now - q_blocks_.begin() + by, 0, last);
  Selection wanted = selection_.current();
  wanted.q_block = q_blocks_[static_cast<std::size_t>(to)];
  selection_.move_to(wanted);
}

void BlockErrorPlot::keyPressEvent(QKeyEvent* event) {
  if (!(event->modifiers() & ~Qt::KeypadModifier)) {
    if (event->key() == Qt::Key_Left) return step(-1);
    if (event->key() == Qt::Key_Right) return step(1);
  }
  Plot::keyPressEvent(event);
}

void BlockErrorPlot::restyle_data(const Theme& colors) {
  const QColor& color = colors.errors[static_cast<std::size_t>(error_)];
  right_->setPen(Qt::NoPen), right_->setBrush(color);
  wrong_->setPen(Qt::NoPen), wrong_->setBrush(colors.bad);
  marks_->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssCross, QPen(colors.bad, 2.0), Qt::NoBrush, 8));
}

}  // namespace bsfa::gui
