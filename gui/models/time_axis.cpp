// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/time_axis.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace bsfa::gui {
namespace {

struct TimeUnit {
  double ns;
  const char* name;
};
constexpr std::array kUnits{TimeUnit{1.0, "ns"}, TimeUnit{1e3, "µs"}, TimeUnit{1e6, "ms"},
                            TimeUnit{1e9, "s"}};
/// No axis that people read has more ticks; a zero width must not make millions.
constexpr double kMostTicks = 1000.0;

/// The unit in which a time is at least 1.
const TimeUnit& unit_for(double ns) {
  std::size_t i = 0;
  while (i + 1 < kUnits.size() && std::abs(ns) >= kUnits[i + 1].ns) ++i;
  return kUnits[i];
}

/// The least of 1, 2, 5 times a power of ten that is no less.
double nice_step(double least) {
  const double decade = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * decade >= least * (1.0 - 1e-9)) return factor * decade;
  }
  return 10.0 * decade;
}

int decimals_for(double step) {
  return std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 12);
}

template <typename Label>
std::vector<Tick> ticks_with(const Axis& axis, double step, Label label) {
  std::vector<Tick> ticks;
  if (!(step > 0.0) || axis.view().length() / step > kMostTicks) return ticks;
  const double slack = 1e-9 * axis.view().length();
  for (double i = std::ceil((axis.view().begin - slack) / step);
       i * step <= axis.view().end + slack; i += 1.0) {
    const double value = i * step;
    ticks.push_back({value, axis.to_pixel(value), label(value)});
  }
  return ticks;
}

double step_of(const Axis& axis, double least_pixels) {
  return nice_step(std::max(least_pixels, 1.0) * axis.per_pixel());
}

}  // namespace

Axis::Axis(double begin, double end, double pixels, double shortest)
    : whole_{begin, end}, shortest_(shortest) {
  if (!std::isfinite(whole_.begin)) whole_.begin = 0.0;
  if (!(whole_.end > whole_.begin) || !std::isfinite(whole_.end)) whole_.end = whole_.begin + 1.0;
  shortest_ = std::min(shortest_, whole_.length());
  view_ = whole_;
  set_pixels(pixels);
}

void Axis::set_pixels(double pixels) {
  pixels_ = std::isfinite(pixels) ? std::max(pixels, 1.0) : 1.0;
}

void Axis::set_view(AxisView view) {
  if (!std::isfinite(view.begin) || !std::isfinite(view.end)) return;
  if (view.end < view.begin) std::swap(view.begin, view.end);
  view_ = view;
  clamp();
}

void Axis::zoom(double at_pixel, double factor) {
  if (!(factor > 0.0) || !std::isfinite(factor) || !std::isfinite(at_pixel)) return;
  const double fixed = to_value(at_pixel);
  const double length = std::clamp(view_.length() / factor, shortest_, whole_.length());
  const double share = at_pixel / pixels_;
  view_ = {fixed - share * length, fixed + (1.0 - share) * length};
  clamp();
}

void Axis::pan(double pixels) {
  if (!std::isfinite(pixels)) return;
  const double by = pixels * per_pixel();
  view_ = {view_.begin + by, view_.end + by};
  clamp();
}

void Axis::reveal(double begin, double end) {
  if (!std::isfinite(begin) || !std::isfinite(end)) return;
  if (end - begin > view_.length()) {
    view_ = {begin, end};
  } else if (begin < view_.begin) {
    view_ = {begin, begin + view_.length()};
  } else if (end > view_.end) {
    view_ = {end - view_.length(), end};
  }
  clamp();
}

void Axis::clamp() {
  const double length = std::clamp(view_.length(), shortest_, whole_.length());
  const double begin = std::clamp(view_.begin, whole_.begin, whole_.end - length);
  view_ = {begin, begin + length};
  if (length >= whole_.length()) view_ = whole_;
}

std::vector<Tick> ticks_of(const Axis& axis, double least_pixels) {
  const double step = step_of(axis, least_pixels);
  const int decimals = decimals_for(step);
  return ticks_with(axis, step, [&](double value) {
    // -0.00 is 0.
    const double shown = std::abs(value) < 0.5 * step ? 0.0 : value;
    if (std::abs(shown) >= 1e6 || (decimals > 4)) return QString::number(shown, 'g', 4);
    return QString::number(shown, 'f', decimals);
  });
}

std::vector<Tick> time_ticks_of(const Axis& axis_ns, double least_pixels) {
  const double step = step_of(axis_ns, least_pixels);
  const double largest = std::max(std::abs(axis_ns.view().begin), std::abs(axis_ns.view().end));
  // A step far below the unit of what it is added to still shows in that unit's decimals.
  const TimeUnit& unit = unit_for(std::max(step, largest / 10.0));
  const int decimals = decimals_for(step / unit.ns);
  return ticks_with(axis_ns, step, [&](double value) {
    const double shown = std::abs(value) < 0.5 * step ? 0.0 : value / unit.ns;
    return QString::number(shown, 'f', decimals) + QLatin1Char(' ') + QString::fromUtf8(unit.name);
  });
}

std::vector<Tick> index_ticks_of(const Axis& axis, double least_pixels) {
  const double step = std::max(1.0, step_of(axis, least_pixels));
  return ticks_with(axis, step, [](double value) {
    return QString::number(static_cast<qlonglong>(std::llround(value)));
  });
}

QString duration_text(double ns) {
  if (std::isnan(ns)) return QStringLiteral("–");
  const TimeUnit& unit = unit_for(ns);
  const double value = ns / unit.ns;
  const double size = std::abs(value);
  const int decimals = size >= 99.95 || (unit.ns == 1.0 && value == std::floor(value)) ? 0
                       : size >= 9.995                                                 ? 1
                                                                                       : 2;
  return QString::number(value, 'f', decimals) + QLatin1Char(' ') + QString::fromUtf8(unit.name);
}

}  // namespace bsfa::gui
