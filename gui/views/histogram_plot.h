// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <vector>

#include "gui/views/plot.h"

class QCPGraph;

namespace bsfa::gui {

/// Equal bins from low to high, the first at low.
struct HistogramSeries {
  QString name;
  double low = 0.0, high = 1.0;
  std::vector<double> counts;
};

/// One or several histograms over each other, translucent so that none hides another.
///
/// Bars of the first can be chosen where set_choosable() says so: by a click, by Left and Right;
/// Escape chooses none.
class HistogramPlot : public Plot {
  Q_OBJECT

 public:
  HistogramPlot(const QString& name, const QString& unit, QWidget* parent = nullptr);

  void set_series(const std::vector<HistogramSeries>& series);
  /// Counts on a logarithmic axis, so that one item is seen beside a million.
  void set_log_counts(bool on);
  /// Bins are of log10 of what is counted: ticks show what is counted.
  void set_log_values(bool on);
  void set_choosable(bool on) { choosable_ = on; }
  /// -1: none. Says nothing.
  void mark_bar(int bar);
  int marked_bar() const { return marked_; }

 signals:
  void bar_chosen(int bar);  ///< by somebody; -1: none any more

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void restyle_data(const Theme& colors) override;

 private:
  void draw(const HistogramSeries& series);
  void choose(int bar);
  void click(double x);

  std::vector<QCPGraph*> drawn_;
  QCPGraph* mark_ = nullptr;
  int marked_ = -1;
  bool choosable_ = false;
  std::vector<HistogramSeries> series_;
  bool log_counts_ = false;
};

}  // namespace bsfa::gui
