// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>
#include <memory>

#include "gui/models/color_map.h"
#include "gui/models/tile_field.h"

class QCheckBox;
class QLabel;
class QPushButton;

namespace bsfa::gui {

class HistogramPlot;
class NumberBox;

/// The values of a field as a histogram, and which of them the colours are spread over: two
/// handles, two numbers, and whether the scale is logarithmic.
class ContrastPanel : public QWidget {
  Q_OBJECT

 public:
  explicit ContrastPanel(QWidget* parent = nullptr);

  /// Counts the field's values, soon where another field was shown: a drag changes it often. The
  /// contrast stays as it is. Null: nothing.
  void set_field(std::shared_ptr<const TileField> field);
  /// Sets what is shown without a signal.
  void set_contrast(const Contrast& contrast);
  const Contrast& contrast() const { return contrast_; }
  const Histogram& histogram() const { return histogram_; }

 signals:
  /// Also while a handle is dragged.
  void contrast_changed(const bsfa::gui::Contrast& contrast);

 private:
  void build();
  void connect_parts();
  void count();
  void change(Contrast contrast);
  void show_contrast();
  void show_extent();
  double to_plot(double value) const;
  double from_plot(double value) const;

  std::shared_ptr<const TileField> field_;
  QTimer recount_;
  Histogram histogram_;
  Contrast contrast_;
  HistogramPlot* plot_;
  int low_line_ = 0, high_line_ = 0;
  NumberBox *low_, *high_;
  QCheckBox* log_;
  QPushButton *full_, *most_;
  QLabel* left_out_;
  bool is_updating_ = false;
};

}  // namespace bsfa::gui
