// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/histogram_plot.h"

#include <QKeyEvent>
#include <algorithm>
#include <cmath>

#include <qcustomplot.h>

namespace bsfa::gui {
namespace {

/// Labels a logarithm with the number it is of.
class PowerTicker : public QCPAxisTicker {
 protected:
  QString getTickLabel(double tick, const QLocale&, QChar, int) override {
    return QString::number(std::pow(10.0, tick), 'g', 2);
  }
};

}  // namespace

HistogramPlot::HistogramPlot(const QString& name, const QString& unit, QWidget* parent)
    : Plot(name, tr("Histogram. Plus and minus zoom, 0 fits."), parent) {
  set_axis_titles(unit, {});
  set_horizontal_only(true);
  connect(this, &Plot::clicked, this, [this](double x) { click(x); });
}

void HistogramPlot::set_series(const std::vector<HistogramSeries>& series) {
  for (QCPGraph* graph : drawn_) canvas().removeGraph(graph);
  drawn_.clear();
  series_ = series;
  mark_bar(-1);
  double low = 0.0, high = 0.0, top = 0.0;
  bool is_first = true;
  for (const HistogramSeries& one : series_) {
    draw(one);
    if (one.counts.empty()) continue;
    low = is_first ? one.low : std::min(low, one.low);
    high = is_first ? one.high : std::max(high, one.high);
    top = std::max(top, *std::max_element(one.counts.begin(), one.counts.end()));
    is_first = false;
  }
  canvas().legend->setVisible(series_.size() > 1);
  set_extent(low, high, log_counts_ ? 0.5 : 0.0, std::max(1.0, top) * (log_counts_ ? 2.0 : 1.06));
  restyle();
}

void HistogramPlot::draw(const HistogramSeries& series) {
  // Each bin's edge carries its count; the last is repeated to close it.
  const std::size_t bins = series.counts.size();
  QVector<double> x, y;
  const double width = bins == 0 ? 0.0 : (series.high - series.low) / static_cast<double>(bins);
  for (std::size_t i = 0; i < bins; ++i) {
    x.push_back(series.low + width * static_cast<double>(i));
    y.push_back(series.counts[i]);
  }
  if (bins > 0) x.push_back(series.high), y.push_back(series.counts.back());
  QCPGraph* graph = canvas().addGraph();
  graph->setName(series.name);
  graph->setLineStyle(QCPGraph::lsStepLeft);
  graph->setAdaptiveSampling(false);
  graph->setData(x, y, true);
  drawn_.push_back(graph);
}

void HistogramPlot::mark_bar(int bar) {
  if (mark_ != nullptr) canvas().removeGraph(mark_);
  mark_ = nullptr;
  marked_ = -1;
  if (bar >= 0 && !series_.empty() && static_cast<std::size_t>(bar) < series_[0].counts.size()) {
    const HistogramSeries& one = series_[0];
    const double width = (one.high - one.low) / static_cast<double>(one.counts.size());
    const double left = one.low + width * bar, top = one.counts[static_cast<std::size_t>(bar)];
    mark_ = canvas().addGraph();
    mark_->setLineStyle(QCPGraph::lsStepLeft);
    mark_->setData({left, left + width}, {top, top}, true);
    mark_->removeFromLegend();
    marked_ = bar;
  }
  restyle();
}

void HistogramPlot::choose(int bar) {
  if (bar == marked_) return;
  mark_bar(bar);
  emit bar_chosen(marked_);
}

void HistogramPlot::click(double x) {
  if (!choosable_ || series_.empty() || series_[0].counts.empty()) return;
  const HistogramSeries& one = series_[0];
  const double width = (one.high - one.low) / static_cast<double>(one.counts.size());
  const double at = std::floor((x - one.low) / width);
  const bool is_inside = at >= 0.0 && at < static_cast<double>(one.counts.size());
  choose(is_inside ? static_cast<int>(at) : -1);
}

void HistogramPlot::keyPressEvent(QKeyEvent* event) {
  const int bars = series_.empty() ? 0 : static_cast<int>(series_[0].counts.size());
  if (!choosable_ || bars == 0 || event->modifiers() != Qt::NoModifier) {
    return Plot::keyPressEvent(event);
  }
  if (event->key() == Qt::Key_Left)
    return choose(marked_ < 0 ? bars - 1 : std::max(0, marked_ - 1));
  if (event->key() == Qt::Key_Right) return choose(std::min(bars - 1, marked_ + 1));
  if (event->key() == Qt::Key_Escape) return choose(-1);
  Plot::keyPressEvent(event);
}

void HistogramPlot::set_log_counts(bool on) {
  log_counts_ = on;
  QCPAxis* y = canvas().yAxis;
  y->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  y->setTicker(on ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                  : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
  set_series(std::vector<HistogramSeries>(series_));
}

void HistogramPlot::set_log_values(bool on) {
  canvas().xAxis->setTicker(on ? QSharedPointer<QCPAxisTicker>(new PowerTicker)
                               : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
  replot_soon();
}

void HistogramPlot::restyle_data(const Theme& colors) {
  for (std::size_t i = 0; i < drawn_.size(); ++i) {
    QColor color = colors.series[i % colors.series.size()];
    drawn_[i]->setPen(QPen(color, 1.2));
    color.setAlpha(110);
    drawn_[i]->setBrush(color);
  }
  if (mark_ == nullptr) return;
  mark_->setPen(QPen(colors.crosshair, 2.0));
  mark_->setBrush(colors.selection);
}

}  // namespace bsfa::gui
