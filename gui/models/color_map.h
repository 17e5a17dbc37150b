// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <QtGui/qrgb.h>

namespace bsfa::gui {

/// Colours from the lowest value to the highest.
using ColorTable = std::array<QRgb, 256>;

/// Perceptually uniform, dark blue over green to yellow; luminance rises throughout, so that it
/// reads the same in grey and to colour-blind eyes. Source: Smith, van der Walt, "viridis", 2015.
const ColorTable& viridis();
/// Diverging: blue below the middle, near white at it, orange above. For margins, whose sign
/// counts.
const ColorTable& blue_orange();

/// Colours of things without an order (heads, errors), one after another; after eight they repeat
/// lighter, then darker. Source: Okabe, Ito, "Color Universal Design", 2008.
QRgb category_color(std::size_t index);

/// Relative luminance, 0 to 1, and contrast ratio of two colours, 1 to 21. Source: WCAG 2.1.
double luminance(QRgb color);
double contrast_ratio(QRgb a, QRgb b);

/// Which values are spread over a colour table.
///
/// With `log` the scale is logarithmic where low is positive, and where it is not it starts at
/// high/10⁶: masses of zero are common and have no logarithm.
struct Contrast {
  double low = 0.0;
  double high = 1.0;
  bool log = false;

  /// Where the scale starts: low, or what stands for it on a logarithmic scale.
  double start() const;
  /// 0 at start() and below, 1 at high and above; NaN of NaN. Low equal to high gives 0 or 1.
  double position(double value) const;
  /// The value at a position of 0 to 1.
  double value_at(double position) const;
  /// Entry of a colour table. NaN, which has a colour of its own, gives 0.
  std::uint8_t index(float value) const;
  friend bool operator==(const Contrast&, const Contrast&) = default;
};

/// How the finite values of a field are spread.
struct Histogram {
  static constexpr std::size_t kBins = 256;
  double low = 0.0, high = 0.0;  ///< least and greatest binned value
  bool log = false;              ///< bins are of equal width in the logarithm
  std::array<std::int64_t, kBins> counts{};
  std::int64_t binned = 0;                             ///< sum of counts
  std::int64_t nan = 0;                                ///< left out
  std::int64_t plus_infinity = 0, minus_infinity = 0;  ///< left out
  std::int64_t not_positive = 0;                       ///< left out of logarithmic bins

  std::int64_t largest_count() const;
  double bin_low(std::size_t bin) const;  ///< lower edge; bin 256 is the upper edge of the last
  /// The value below which this share (0 to 1) of the binned values lie, to within one bin.
  double quantile(double share) const;
};

Histogram histogram_of(std::span<const float> values, bool log = false);

/// The scale that shows all of a histogram's values; symmetric around 0 where `symmetric`.
Contrast full_contrast(const Histogram& histogram, bool symmetric = false);

}  // namespace bsfa::gui
