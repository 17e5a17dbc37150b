// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/profile_plot.h"

#include <QKeyEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include <qcustomplot.h>

#include "gui/views/axis.h"

namespace bsfa::gui {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

ProfilePlot::ProfilePlot(Along along, SelectionModel& selection, QWidget* parent)
    : Plot(along == Along::kRow ? tr("tile_max along the selected Q block")
                                : tr("tile_max along the selected K block"),
           tr("Left and Right select the next tile, Up and Down move the threshold."), parent),
      along_(along),
      selection_(selection),
      values_(canvas().addGraph()),
      kept_(canvas().addGraph()),
      thresholds_(canvas().addGraph()) {
  kept_->setLineStyle(QCPGraph::lsNone);
  kept_->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, 4));
  thresholds_->setLineStyle(QCPGraph::lsStepCenter);
  for (QCPGraph* graph : {values_, kept_, thresholds_}) graph->setAdaptiveSampling(true);
  set_horizontal_only(true);
  place_line_ = add_line(Qt::Vertical, &Theme::muted, false);
  if (along_ == Along::kRow) {
    tau_line_ = add_line(Qt::Horizontal, &Theme::threshold, true);
    connect(this, &Plot::line_moved, this, [this](int line, double value) {
      if (line == tau_line_) emit tau_dragged(selection_.current().q_block, value);
    });
    connect(this, &Plot::line_released, this, [this](int line, double value) {
      if (line == tau_line_) emit tau_released(selection_.current().q_block, value);
    });
    connect(this, &Plot::line_given_up, this, &ProfilePlot::tau_given_up);
  }
  connect(this, &Plot::clicked, this, [this](double x) { select_at(x); });
  connect(&selection_, &SelectionModel::changed, this, [this] { refresh(); });
  refresh();
}

void ProfilePlot::set_head(std::shared_ptr<const HeadArrays> head, std::span<const float> tau) {
  head_ = std::move(head);
  tau_.assign(tau.begin(), tau.end());
  refresh();
}

void ProfilePlot::set_tau(std::span<const float> tau) {
  tau_.assign(tau.begin(), tau.end());
  // The line under the pointer stays where the pointer holds it.
  if (!is_dragging()) refresh();
}

void ProfilePlot::refresh() {
  const Selection& now = selection_.current();
  for (QCPGraph* graph : {values_, kept_, thresholds_}) graph->data()->clear();
  set_line(place_line_, std::nullopt);
  if (tau_line_ >= 0) set_line(tau_line_, std::nullopt);
  const std::optional<std::int64_t> row = head_ ? head_->row_of(now.q_block) : std::nullopt;
  const bool has_column = head_ && now.k_block >= 0 && now.k_block < head_->k_blocks;
  if (along_ == Along::kRow) {
    set_axis_titles(row ? tr("K block · tile_max of Q block %1").arg(now.q_block)
                        : tr("K block · select a Q block"),
                    {});
    if (row && head_->tile_max) refresh_row(*row);
    if (row && has_column) set_line(place_line_, static_cast<double>(now.k_block));
  } else {
    set_axis_titles(has_column ? tr("Q block · tile_max of K block %1").arg(now.k_block)
                               : tr("Q block · select a tile"),
                    {});
    if (has_column && head_->tile_max) refresh_column(now.k_block);
    if (row && has_column) set_line(place_line_, static_cast<double>(now.q_block));
  }
  replot_soon();
}

void ProfilePlot::refresh_row(std::int64_t row) {
  std::vector<double> keys, values, kept;
  const bool has_tau = static_cast<std::size_t>(row) < tau_.size();
  const double tau = has_tau ? static_cast<double>(tau_[static_cast<std::size_t>(row)]) : kNone;
  for (std::int64_t column = 0; column < head_->k_blocks; ++column) {
    const double value = static_cast<double>((*head_->tile_max)[head_->index(row, column)]);
    keys.push_back(static_cast<double>(column));
    values.push_back(std::isfinite(value) ? value : kNone);
    kept.push_back(std::isfinite(value) && value >= tau ? value : kNone);
  }
  fill(values_, keys, values);
  fill(kept_, keys, kept);
  set_line(tau_line_, has_tau ? std::optional<double>(tau) : std::nullopt,
           tr("τ %1").arg(number_text(tau, 5)));
}

void ProfilePlot::refresh_column(std::int64_t column) {
  std::vector<double> keys, values, kept, taus;
  for (std::int64_t row = 0; row < head_->rows(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    const double value = static_cast<double>((*head_->tile_max)[head_->index(row, column)]);
    const double tau =
        at < tau_.size() && std::isfinite(tau_[at]) ? static_cast<double>(tau_[at]) : kNone;
    keys.push_back(static_cast<double>(head_->q_blocks[at]));
    values.push_back(std::isfinite(value) ? value : kNone);
    kept.push_back(std::isfinite(value) && value >= tau ? value : kNone);
    taus.push_back(std::isfinite(value) ? tau : kNone);
  }
  fill(thresholds_, keys, taus);
  fill(values_, keys, values);
  fill(kept_, keys, kept);
}

void ProfilePlot::fill(QCPGraph* graph, const std::vector<double>& keys,
                       const std::vector<double>& values) {
  graph->setData(QVector<double>(keys.begin(), keys.end()),
                 QVector<double>(values.begin(), values.end()), true);
  if (graph != values_) return;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::vector<double> seen = values;
  for (const float tau : tau_) {
    if (along_ == Along::kColumn && std::isfinite(tau)) seen.push_back(static_cast<double>(tau));
  }
  for (const double value : seen) {
    if (std::isnan(value)) continue;
    low = std::min(low, value), high = std::max(high, value);
  }
  const double room = std::max(0.05 * (high - low), 1e-6);
  if (!keys.empty()) set_extent(keys.front() - 0.5, keys.back() + 0.5, low - room, high + room);
}

void ProfilePlot::select_at(double x) {
  if (!head_) return;
  const std::int64_t at = std::llround(x);
  Selection wanted = selection_.current();
  if (along_ == Along::kRow) {
    if (at < 0 || at >= head_->k_blocks) return;
    wanted.k_block = at;
  } else {
    if (!head_->row_of(at)) return;
    wanted.q_block = at;
  }
  selection_.select(wanted);
}

void ProfilePlot::step(int by) {
  if (!head_ || head_->rows() == 0) return;
  Selection wanted = selection_.current();
  if (along_ == Along::kRow) {
    wanted.k_block = std::clamp<std::int64_t>(wanted.k_block + by, 0,
                                              std::max<std::int64_t>(head_->k_blocks - 1, 0));
  } else {
    const std::int64_t row = head_->row_of(wanted.q_block).value_or(by > 0 ? -1 : 0) + by;
    wanted.q_block = head_->q_blocks[static_cast<std::size_t>(
        std::clamp<std::int64_t>(row, 0, head_->rows() - 1))];
  }
  selection_.move_to(wanted);
}

void ProfilePlot::keyPressEvent(QKeyEvent* event) {
  if (event->modifiers() == Qt::NoModifier || event->modifiers() == Qt::KeypadModifier) {
    if (event->key() == Qt::Key_Left) return step(-1);
    if (event->key() == Qt::Key_Right) return step(1);
  }
  Plot::keyPressEvent(event);
}

void ProfilePlot::restyle_data(const Theme& colors) {
  values_->setPen(QPen(colors.series[2], 1.2));
  kept_->setPen(QPen(colors.series[1], 1.0));
  thresholds_->setPen(QPen(colors.threshold, 1.6));
}

}  // namespace bsfa::gui
