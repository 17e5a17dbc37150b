// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "gui/models/color_map.h"

using namespace bsfa::gui;

TEST_CASE("viridis rises in luminance all the way and ends where it was published to") {
  const ColorTable& table = viridis();
  CHECK(table.front() == 0xFF440154);
  CHECK(table.back() == 0xFFFDE725);
  // Neighbours may be equal, or off by the rounding of channels to eight bits.
  for (std::size_t i = 4; i < table.size(); ++i) {
    CAPTURE(i);
    CHECK(luminance(table[i]) > luminance(table[i - 4]));
    CHECK(luminance(table[i]) > luminance(table[i - 1]) - 0.001);
  }
}

TEST_CASE(
    "the diverging map is brightest in its middle, falls to both sides, and its sides differ") {
  constexpr double kRounding = 0.002;  // of channels to eight bits
  const ColorTable& table = blue_orange();
  for (std::size_t i = 1; i <= 127; ++i)
    CHECK(luminance(table[i]) > luminance(table[i - 1]) - kRounding);
  for (std::size_t i = 129; i < 256; ++i)
    CHECK(luminance(table[i]) < luminance(table[i - 1]) + kRounding);
  for (std::size_t i = 0; i < 100; ++i) {
    CHECK(qBlue(table[i]) > qRed(table[i]));
    CHECK(qRed(table[255 - i]) > qBlue(table[255 - i]));
  }
}

TEST_CASE("twenty-four things in a row have different colours") {
  std::set<QRgb> colors;
  for (std::size_t i = 0; i < 24; ++i) colors.insert(category_color(i));
  CHECK(colors.size() == 24);
  CHECK(category_color(24) == category_color(0));
}

TEST_CASE("black on white has a contrast of 21") {
  CHECK(contrast_ratio(0xFF000000, 0xFFFFFFFF) == Approx(21.0));
  CHECK(contrast_ratio(0xFF777777, 0xFF777777) == Approx(1.0));
}

TEST_CASE("a scale maps its ends to the ends, clamps, and goes back") {
  const bool log = GENERATE(false, true);
  const Contrast contrast{2.0, 32.0, log};
  CHECK(contrast.position(2.0) == 0.0);
  CHECK(contrast.position(32.0) == 1.0);
  CHECK(contrast.position(-5.0) == 0.0);
  CHECK(contrast.position(1e9) == 1.0);
  CHECK(contrast.position(std::numeric_limits<double>::infinity()) == 1.0);
  CHECK(contrast.position(8.0) == Approx(log ? 0.5 : 0.2));
  for (const double at : {0.1, 0.5, 0.9}) {
    CHECK(contrast.position(contrast.value_at(at)) == Approx(at));
  }
  CHECK(contrast.index(32.0F) == 255);
  CHECK(contrast.index(2.0F) == 0);
  CHECK(contrast.index(std::nanf("")) == 0);
}

TEST_CASE("a logarithmic scale from zero shows zeros at its start and six decades") {
  const Contrast contrast{0.0, 1.0, true};
  CHECK(contrast.start() == Approx(1e-6));
  CHECK(contrast.position(0.0) == 0.0);
  CHECK(contrast.position(1e-3) == Approx(0.5));
}

TEST_CASE("a scale without length divides nothing by zero") {
  const bool log = GENERATE(false, true);
  const Contrast contrast{3.0, 3.0, log};
  CHECK(contrast.position(2.0) == 0.0);
  CHECK(contrast.position(3.0) == 1.0);
  CHECK(contrast.position(4.0) == 1.0);
  const Contrast nothing{0.0, 0.0, log};
  CHECK(nothing.position(-1.0) == 0.0);
  CHECK(nothing.position(1.0) == 1.0);
}

TEST_CASE("a histogram counts each value once and names what it left out") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  const std::vector<float> values{1.0F, 2.0F, 2.0F, 3.0F, nan, inf, -inf, -inf};
  const Histogram histogram = histogram_of(values);
  CHECK(histogram.binned == 4);
  CHECK(histogram.nan == 1);
  CHECK(histogram.plus_infinity == 1);
  CHECK(histogram.minus_infinity == 2);
  CHECK(histogram.low == 1.0);
  CHECK(histogram.high == 3.0);
  CHECK(histogram.counts.front() == 1);
  CHECK(histogram.counts[128] == 2);
  CHECK(histogram.counts.back() == 1);
  CHECK(histogram.largest_count() == 2);
  CHECK(histogram.quantile(0.5) == Approx(2.0).margin(0.01));
}

TEST_CASE("a logarithmic histogram leaves out what has no logarithm") {
  const std::vector<float> values{0.0F, -1.0F, 1e-3F, 1.0F};
  const Histogram histogram = histogram_of(values, true);
  CHECK(histogram.binned == 2);
  CHECK(histogram.not_positive == 2);
  CHECK(histogram.bin_low(128) == Approx(std::sqrt(1e-3)));
}

TEST_CASE("a histogram of nothing, or of one value, has a scale all the same") {
  CHECK(full_contrast(histogram_of({})) == Contrast{});
  const std::vector<float> equal(5, 7.0F);
  const Histogram histogram = histogram_of(equal);
  CHECK(histogram.binned == 5);
  CHECK(full_contrast(histogram) == Contrast{7.0, 7.0, false});
  CHECK(full_contrast(histogram, true) == Contrast{-7.0, 7.0, false});
}
