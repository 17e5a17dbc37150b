// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <array>

#include "gui/models/selection.h"
#include "gui/models/threshold_model.h"

class QButtonGroup;
class QComboBox;
class QLabel;
class QPushButton;
class QSlider;

namespace bsfa::gui {

class NumberBox;

/// Thresholds tuned by hand: how τ is chosen and for which heads, and what comes of it. Figures of
/// heads out of view come from stored curves and carry ≈.
class ThresholdPanel : public QWidget {
  Q_OBJECT

 public:
  ThresholdPanel(ThresholdModel& model, SelectionModel& selection, QWidget* parent = nullptr);

  ThresholdScope scope() const;
  void set_scope(ThresholdScope scope);
  /// Largest k that the slider reaches.
  void set_largest_k(int largest);
  /// Method error of what is shown, once it was measured; none: it is only estimated.
  void set_measured_error(std::optional<double> error);
  void refresh();

 signals:
  void measure_asked();
  void save_asked();
  void copy_asked();
  void scope_changed();

 private:
  void build();
  QWidget* build_choice();
  void connect_choice();
  QWidget* build_figures();
  QWidget* build_buttons();
  void choose(int kind);
  void value_edited(double value, int drag);
  void offset_edited(double offset, int drag);
  void show_choice();
  void show_figures();
  void show_error(const ThresholdEffect& effect);
  void set_value_range(ThresholdChoice::Kind kind);
  double value_of_slider(int position) const;
  int slider_of_value(double value) const;

  enum Figure {
    kDensityFigure,
    kMassFigure,
    kCertificateFigure,
    kSpeedFigure,
    kErrorFigure,
    kFigures
  };

  ThresholdModel& model_;
  SelectionModel& selection_;
  QComboBox* kind_;
  QSlider *value_slider_, *offset_slider_;
  NumberBox *value_, *offset_;
  QLabel* value_label_;
  QButtonGroup* scopes_;
  std::array<QLabel*, kFigures> figures_{};
  std::array<QLabel*, kFigures> names_{};
  QLabel* state_;
  QPushButton *undo_, *redo_, *reset_;
  std::optional<double> measured_error_;
  int largest_k_ = 256, drag_ = 0;
  bool is_updating_ = false;
};

}  // namespace bsfa::gui
