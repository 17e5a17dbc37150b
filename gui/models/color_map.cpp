// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/color_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bsfa::gui {
namespace {

/// What low stands for on a logarithmic scale that would start at 0 or below, relative to high.
constexpr double kLogReach = 1e-6;

double channel(QRgb color, int shift) {
  return static_cast<double>((color >> shift) & 0xFFU);
}

/// Catmull-Rom through four equidistant values, between the middle two.
double spline(double before, double from, double to, double after, double t) {
  const double a = 2.0 * from, b = to - before;
  const double c = 2.0 * before - 5.0 * from + 4.0 * to - after;
  const double d = 3.0 * (from - to) + after - before;
  return 0.5 * (a + t * (b + t * (c + t * d)));
}

/// Spreads equidistant control colours over a table.
ColorTable table_through(std::span<const QRgb> controls) {
  ColorTable table{};
  const auto last = static_cast<std::ptrdiff_t>(controls.size()) - 1;
  const auto control = [&](std::ptrdiff_t i) {
    return controls[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i, 0, last))];
  };
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double at =
        static_cast<double>(i) / static_cast<double>(table.size() - 1) * static_cast<double>(last);
    const auto from = std::min(static_cast<std::ptrdiff_t>(at), last - 1);
    const auto mixed = [&](int shift) {
      const double value =
          spline(channel(control(from - 1), shift), channel(control(from), shift),
                 channel(control(from + 1), shift), channel(control(from + 2), shift),
                 at - static_cast<double>(from));
      return static_cast<int>(std::lround(std::clamp(value, 0.0, 255.0)));
    };
    table[i] = qRgb(mixed(16), mixed(8), mixed(0));
  }
  return table;
}

QRgb mixed_with(QRgb color, int other, double share) {
  const auto mix = [&](int shift) {
    const double own = channel(color, shift);
    return static_cast<int>(std::lround(own + (other - own) * share));
  };
  return qRgb(mix(16), mix(8), mix(0));
}

}  // namespace

const ColorTable& viridis() {
  static constexpr std::array<QRgb, 10> kControls{0xFF440154, 0xFF482878, 0xFF3E4A89, 0xFF31688E,
                                                  0xFF26828E, 0xFF1F9E89, 0xFF35B779, 0xFF6DCD59,
                                                  0xFFB4DE2C, 0xFFFDE725};
  static const ColorTable kTable = table_through(kControls);
  return kTable;
}

const ColorTable& blue_orange() {
  static constexpr std::array<QRgb, 9> kControls{0xFF08306B, 0xFF2166AC, 0xFF5C9FCB,
                                                 0xFFB2D5E8, 0xFFF4F4F0, 0xFFFBD29B,
                                                 0xFFEE9A3E, 0xFFC86214, 0xFF7F3404};
  static const ColorTable kTable = table_through(kControls);
  return kTable;
}

QRgb category_color(std::size_t index) {
  // Black, the eighth of the palette, is lost on dark grounds: grey stands for it.
  static constexpr std::array<QRgb, 8> kColors{0xFF56B4E9, 0xFFE69F00, 0xFF009E73, 0xFFCC79A7,
                                               0xFF0072B2, 0xFFF0E442, 0xFFD55E00, 0xFF999999};
  const QRgb color = kColors[index % kColors.size()];
  switch (index / kColors.size() % 3) {
    case 1:
      return mixed_with(color, 255, 0.4);
    case 2:
      return mixed_with(color, 0, 0.35);
    default:
      return color;
  }
}

double luminance(QRgb color) {
  const auto linear = [&](int shift) {
    const double c = channel(color, shift) / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0);
}

double contrast_ratio(QRgb a, QRgb b) {
  const double first = luminance(a) + 0.05, second = luminance(b) + 0.05;
  return std::max(first, second) / std::min(first, second);
}

double Contrast::start() const {
  if (!log || low > 0.0) return low;
  return high > 0.0 ? high * kLogReach : low;
}

double Contrast::position(double value) const {
  if (std::isnan(value)) return value;
  const double from = start();
  if (!(value > from)) return value == from && !(high > from) ? 1.0 : 0.0;
  if (value >= high) return 1.0;
  if (!log || !(from > 0.0)) return (value - from) / (high - from);
  return std::log(value / from) / std::log(high / from);
}

double Contrast::value_at(double position) const {
  const double from = start();
  if (!log || !(from > 0.0)) return from + position * (high - from);
  return from * std::pow(high / from, position);
}

std::uint8_t Contrast::index(float value) const {
  const double at = position(static_cast<double>(value));
  return std::isnan(at) ? std::uint8_t{0} : static_cast<std::uint8_t>(std::min(at * 256.0, 255.0));
}

std::int64_t Histogram::largest_count() const {
  return *std::max_element(counts.begin(), counts.end());
}

double Histogram::bin_low(std::size_t bin) const {
  const double share = static_cast<double>(bin) / static_cast<double>(kBins);
  if (log && low > 0.0) return low * std::pow(high / low, share);
  return low + share * (high - low);
}

double Histogram::quantile(double share) const {
  const double wanted = share * static_cast<double>(binned);
  double below = 0.0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const auto count = static_cast<double>(counts[bin]);
    if (count > 0.0 && below + count >= wanted) {
      const double inside = std::clamp((wanted - below) / count, 0.0, 1.0);
      return bin_low(bin) + inside * (bin_low(bin + 1) - bin_low(bin));
    }
    below += count;
  }
  return high;
}

Histogram histogram_of(std::span<const float> values, bool log) {
  Histogram histogram;
  histogram.log = log;
  float least = std::numeric_limits<float>::infinity(), greatest = -least;
  const auto binnable = [log](float value) {
    return std::isfinite(value) && (!log || value > 0.0F);
  };
  for (const float value : values) {
    if (binnable(value)) {
      least = std::min(least, value);
      greatest = std::max(greatest, value);
    } else if (std::isnan(value)) {
      ++histogram.nan;
    } else if (std::isinf(value)) {
      ++(value > 0.0F ? histogram.plus_infinity : histogram.minus_infinity);
    } else {
      ++histogram.not_positive;
    }
  }
  if (!(least <= greatest)) return histogram;
  histogram.low = static_cast<double>(least);
  histogram.high = static_cast<double>(greatest);
  const Contrast scale{histogram.low, histogram.high, log};
  for (const float value : values) {
    if (!binnable(value)) continue;
    ++histogram.counts[scale.index(value)];
    ++histogram.binned;
  }
  return histogram;
}

Contrast full_contrast(const Histogram& histogram, bool symmetric) {
  if (histogram.binned == 0) return symmetric ? Contrast{-1.0, 1.0, false} : Contrast{};
  if (!symmetric) return {histogram.low, histogram.high, histogram.log};
  const double reach = std::max(std::abs(histogram.low), std::abs(histogram.high));
  return {-reach, reach, false};
}

}  // namespace bsfa::gui
