// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "gui/models/threshold_model.h"
#include "gui/views/plot.h"

class QCPAxis;
class QCPGraph;

namespace bsfa::gui {

/// A run that was measured, to be compared with what the curve estimates.
struct MeasuredPoint {
  double k = 0.0;
  std::optional<double> method_error, speed;
};

/// k against density and retained mass (left axis), and speed and measured error (right axis), with
/// the k that is chosen as a line that can be dragged. Measured points are those of other runs, and
/// the speed of the trace itself where it was timed.
class CurvePlot : public Plot {
  Q_OBJECT

 public:
  explicit CurvePlot(QWidget* parent = nullptr);

  void set_curve(const ThresholdModel::Curve& curve);
  void set_measured(const std::vector<MeasuredPoint>& points);
  void set_k(std::optional<double> k);

 signals:
  void k_dragged(double k);
  void k_released(double k);
  void k_given_up();  ///< instead of that, after Escape

 protected:
  void restyle_data(const Theme& colors) override;

 private:
  void show_measured();

  enum Which { kDensity, kMass, kSpeed, kMeasuredSpeed, kMeasuredError, kGraphs };
  QCPGraph* graphs_[kGraphs] = {};
  std::vector<MeasuredPoint> measured_;
  std::optional<ThresholdModel::Curve::Measured> own_;
  int k_line_ = -1;
};

}  // namespace bsfa::gui
