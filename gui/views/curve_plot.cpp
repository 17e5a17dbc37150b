// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/views/curve_plot.h"

#include <algorithm>
#include <cmath>

#include <qcustomplot.h>

#include "gui/views/axis.h"

namespace bsfa::gui {

CurvePlot::CurvePlot(QWidget* parent)
    : Plot(tr("Curve of k"),
           tr("Density and retained mass on the left axis, speed and measured error on the right. "
              "Left and Right move k."),
           parent) {
  QCustomPlot& plot = canvas();
  for (int i = 0; i < kGraphs; ++i) {
    const bool is_share = i == kDensity || i == kMass || i == kMeasuredError;
    graphs_[i] = plot.addGraph(plot.xAxis, is_share ? plot.yAxis : plot.yAxis2);
    graphs_[i]->setAdaptiveSampling(false);
  }
  graphs_[kMeasuredSpeed]->setLineStyle(QCPGraph::lsNone);
  graphs_[kMeasuredError]->setLineStyle(QCPGraph::lsNone);
  plot.yAxis2->setVisible(true);
  plot.yAxis2->setTicks(true), plot.yAxis2->setTickLabels(true);
  plot.yAxis2->setLabel(tr("speed over dense"));
  plot.yAxis2->setRange(0.0, 2.0);
  plot.legend->setVisible(true);
  // Above the curves, which fill the whole plot.
  plot.plotLayout()->insertRow(0);
  plot.plotLayout()->addElement(0, 0, plot.legend);
  plot.plotLayout()->setRowStretchFactor(0, 0.001);
  plot.legend->setFillOrder(QCPLegend::foColumnsFirst);
  plot.legend->setWrap(3);
  set_axis_titles(tr("k, tiles kept of each Q block"), tr("share"));
  set_horizontal_only(true);
  set_line_step(1.0);
  k_line_ = add_line(Qt::Vertical, &Theme::threshold, true);
  connect(this, &Plot::line_moved, this,
          [this](int, double at) { emit k_dragged(std::max(0.0, at)); });
  connect(this, &Plot::line_released, this,
          [this](int, double at) { emit k_released(std::max(0.0, at)); });
  connect(this, &Plot::line_given_up, this, &CurvePlot::k_given_up);
  set_curve({});
  restyle();
}

void CurvePlot::set_curve(const ThresholdModel::Curve& curve) {
  QVector<double> k, density, mass, speed_k, speed;
  double fastest = 1.0;
  for (const ThresholdModel::CurvePoint& point : curve.points) {
    const double at = static_cast<double>(point.k);
    k.push_back(at), density.push_back(point.density), mass.push_back(point.retained_mass);
    if (!point.speed || !std::isfinite(*point.speed)) continue;
    speed_k.push_back(at), speed.push_back(*point.speed);
    fastest = std::max(fastest, *point.speed);
  }
  if (curve.measured) fastest = std::max(fastest, curve.measured->speed);
  const QString about = curve.approximate ? QStringLiteral(" ≈") : QString();
  graphs_[kDensity]->setName(tr("density") + about);
  graphs_[kMass]->setName(tr("retained mass") + about);
  graphs_[kSpeed]->setName(curve.upper_bound ? tr("speed, upper bound") : tr("speed, predicted"));
  graphs_[kMeasuredSpeed]->setName(tr("speed, measured"));
  graphs_[kMeasuredError]->setName(tr("method error, measured"));
  graphs_[kDensity]->setData(k, density), graphs_[kMass]->setData(k, mass);
  graphs_[kSpeed]->setData(speed_k, speed);
  canvas().yAxis2->setRange(0.0, fastest * 1.06);
  if (!k.isEmpty()) set_extent(std::min(0.0, k.first()), std::max(1.0, k.last()), 0.0, 1.06);
  own_ = curve.measured;
  show_measured();
}

void CurvePlot::set_measured(const std::vector<MeasuredPoint>& points) {
  measured_ = points;
  show_measured();
}

void CurvePlot::show_measured() {
  QVector<double> speed_k, speed, error_k, error;
  if (own_) speed_k.push_back(own_->k), speed.push_back(own_->speed);
  for (const MeasuredPoint& point : measured_) {
    if (point.speed) speed_k.push_back(point.k), speed.push_back(*point.speed);
    if (point.method_error) error_k.push_back(point.k), error.push_back(*point.method_error);
  }
  graphs_[kMeasuredSpeed]->setData(speed_k, speed);
  graphs_[kMeasuredError]->setData(error_k, error);
  for (const Which which : {kMeasuredSpeed, kMeasuredError}) {
    QCPGraph* graph = graphs_[which];
    graph->data()->isEmpty() ? graph->removeFromLegend() : graph->addToLegend();
  }
  replot_soon();
}

void CurvePlot::set_k(std::optional<double> k) {
  if (is_dragging()) return;
  set_line(k_line_, k, k ? tr("k %1").arg(number_text(*k, 4)) : QString());
}

void CurvePlot::restyle_data(const Theme& colors) {
  if (graphs_[kDensity] == nullptr) return;
  graphs_[kDensity]->setPen(QPen(colors.series[0], 1.6));
  graphs_[kMass]->setPen(QPen(colors.series[2], 1.6));
  graphs_[kSpeed]->setPen(QPen(colors.series[1], 1.6, Qt::DashLine));
  const auto mark = [](QCPGraph* graph, QCPScatterStyle::ScatterShape shape, const QColor& color) {
    graph->setPen(QPen(color, 1.6));
    graph->setScatterStyle(QCPScatterStyle(shape, QPen(color, 1.6), Qt::NoBrush, 8));
  };
  mark(graphs_[kMeasuredSpeed], QCPScatterStyle::ssDiamond, colors.series[1]);
  mark(graphs_[kMeasuredError], QCPScatterStyle::ssCross, colors.errors[2]);
}

}  // namespace bsfa::gui
