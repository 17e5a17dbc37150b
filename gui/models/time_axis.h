// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QString>

namespace bsfa::gui {

/// A part of an axis that is in view.
struct AxisView {
  double begin = 0.0, end = 1.0;
  double length() const { return end - begin; }
  friend bool operator==(const AxisView&, const AxisView&) = default;
};

/// Where values of an axis lie on pixels, and how zooming and panning change that. A pure value.
///
/// The view never leaves the whole axis, and is never shorter than `shortest`.
class Axis {
 public:
  Axis() = default;
  /// An empty or reversed range becomes one of length 1.
  Axis(double begin, double end, double pixels, double shortest = 1e-3);

  void set_pixels(double pixels);
  double pixels() const noexcept { return pixels_; }
  const AxisView& whole() const noexcept { return whole_; }
  const AxisView& view() const noexcept { return view_; }
  void set_view(AxisView view);

  double to_pixel(double value) const { return (value - view_.begin) * pixels_ / view_.length(); }
  double to_value(double pixel) const { return view_.begin + pixel * view_.length() / pixels_; }
  double per_pixel() const { return view_.length() / pixels_; }

  /// The value under the pixel stays there; a factor above 1 shows less.
  void zoom(double at_pixel, double factor);
  void pan(double pixels);
  void fit() { view_ = whole_; }
  /// Moves as little as needed to have the range in view, zooming out where it is longer.
  void reveal(double begin, double end);
  bool fits() const { return view_ == whole_; }

 private:
  void clamp();
  AxisView whole_, view_;
  double pixels_ = 1.0, shortest_ = 1e-3;
};

struct Tick {
  double value = 0.0;
  double pixel = 0.0;
  QString label;
};
/// Ticks at 1, 2 or 5 times a power of ten, no nearer to one another than so many pixels.
std::vector<Tick> ticks_of(const Axis& axis, double least_pixels);
/// The same for times, labelled in the unit that suits the step: "12.5 µs".
std::vector<Tick> time_ticks_of(const Axis& axis_ns, double least_pixels);
/// The same for block indices: whole numbers only.
std::vector<Tick> index_ticks_of(const Axis& axis, double least_pixels);

/// "41.2 µs", "1.5 ms", "300 ns": three significant digits.
QString duration_text(double ns);

}  // namespace bsfa::gui
