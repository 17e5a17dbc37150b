// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "gui/views/theme.h"

class QCPItemStraightLine;
class QCPItemText;
class QCPRange;
class QCustomPlot;
class QMouseEvent;

namespace bsfa::gui {

/// A one-dimensional plot in the theme's colours, with lines that can be dragged.
///
/// Mouse  wheel zooms at the cursor, drag pans, double click fits, a line is dragged where the
///        cursor changes; Escape puts a line back where it was. A click moves no line.
/// Keys   arrows move the draggable line (with Shift ten steps), or pan; + and - zoom, 0 fits.
class Plot : public QWidget {
  Q_OBJECT

 public:
  /// `name` and `description` are what assistive technology reads.
  Plot(const QString& name, const QString& description, QWidget* parent = nullptr);
  ~Plot() override;

  /// The child widget that gets mouse events.
  QCustomPlot& canvas() const { return *canvas_; }

  void set_axis_titles(const QString& x, const QString& y);
  /// What fits shows; also shows it unless the user has zoomed.
  void set_extent(double x_low, double x_high, double y_low, double y_high);
  void fit();
  /// Wheel and drag leave the y axis alone.
  void set_horizontal_only(bool on);

  /// A line at a value of the axis it crosses: Qt::Vertical stands at an x.
  int add_line(Qt::Orientation orientation, QColor Theme::*color, bool draggable);
  void set_line(int line, std::optional<double> value, const QString& label = {});
  std::optional<double> line(int line) const;
  /// A line is held, whether or not it was moved yet.
  bool is_dragging() const { return dragged_ >= 0; }
  /// What one arrow key moves a draggable line by; 0: a hundredth of what is seen.
  void set_line_step(double step) { line_step_ = step; }

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void line_moved(int line, double value);     ///< while it is dragged or moved by keys
  void line_released(int line, double value);  ///< once, at the end, if it was moved
  void line_given_up(int line);  ///< instead of that after Escape; line_moved() said the old value
  void clicked(double x, double y);
  void hovered(double x, double y);

 protected:
  /// Sets the colours of what a subclass has drawn.
  virtual void restyle_data(const Theme& colors);
  void replot_soon();
  void restyle();

  void changeEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  struct Line {
    Qt::Orientation orientation;
    QColor Theme::*color;
    bool draggable;
    std::optional<double> value;
    QCPItemStraightLine* item;
    QCPItemText* text;
  };

  void connect_mouse();
  void press(QMouseEvent* event);
  void move(QMouseEvent* event);
  void release(QMouseEvent* event);
  int line_at(const QPointF& point) const;
  double value_at(Qt::Orientation orientation, const QPointF& point) const;
  void place(Line& line);
  bool move_by_key(int key, Qt::KeyboardModifiers modifiers);
  void pan_or_zoom(int key);
  void stop_drag();
  void give_up_drag();

  QCustomPlot* canvas_;
  std::vector<Line> lines_;
  int dragged_ = -1;
  double before_drag_ = 0.0;
  double line_step_ = 0.0;
  QPoint pressed_at_;
  bool is_zoomed_ = false, horizontal_only_ = false, is_moved_ = false;
  double extent_[4] = {0.0, 1.0, 0.0, 1.0};
};

}  // namespace bsfa::gui
