// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>

#include <QtCore/QStringList>
#include <catch2/catch.hpp>

#include "core/random.h"
#include "gui/models/time_axis.h"

using namespace bsfa::gui;

TEST_CASE("zooming keeps the value under the pointer where it is") {
  Axis axis(0.0, 1000.0, 500.0);
  const double under = axis.to_value(123.0);
  axis.zoom(123.0, 4.0);
  CHECK(axis.view().length() == Approx(250.0));
  CHECK(axis.to_value(123.0) == Approx(under));
  CHECK(axis.to_pixel(under) == Approx(123.0));
}

TEST_CASE("whatever is done to an axis, its view stays inside and has a length") {
  bsfa::core::SplitMix64 random(5);
  Axis axis(-50.0, 950.0, 640.0, 2.0);
  const double odd[] = {0.0,   -1.0,  std::nan(""), std::numeric_limits<double>::infinity(),
                        1e300, 1e-300};
  for (int i = 0; i < 20000; ++i) {
    const double at = 1000.0 * random.uniform() - 200.0;
    switch (random.below(6)) {
      case 0:
        axis.zoom(at, 0.2 + 4.0 * random.uniform());
        break;
      case 1:
        axis.pan(at);
        break;
      case 2:
        axis.reveal(at, at + 300.0 * random.uniform());
        break;
      case 3:
        axis.set_view({at, 1000.0 * random.uniform()});
        break;
      case 4:
        axis.zoom(odd[random.below(6)], odd[random.below(6)]);
        axis.pan(odd[random.below(6)]);
        axis.set_view({odd[random.below(6)], odd[random.below(6)]});
        axis.reveal(odd[random.below(6)], odd[random.below(6)]);
        break;
      default:
        axis.set_pixels(1.0 + 2000.0 * random.uniform());
    }
    REQUIRE(axis.view().begin >= -50.0);
    REQUIRE(axis.view().end <= 950.0 + 1e-9);
    REQUIRE(axis.view().length() >= 2.0 - 1e-9);
  }
  axis.fit();
  CHECK(axis.fits());
}

TEST_CASE("an axis of nothing, or backwards, is one of length 1") {
  for (const Axis& axis :
       {Axis(5.0, 5.0, 100.0), Axis(5.0, 1.0, 100.0), Axis(5.0, std::nan(""), 0.0)}) {
    CHECK(axis.view().begin == 5.0);
    CHECK(axis.view().length() == 1.0);
    CHECK(axis.pixels() >= 1.0);
    CHECK_FALSE(ticks_of(axis, 50.0).size() > 1000);
  }
}

TEST_CASE("revealing moves no more than it must") {
  Axis axis(0.0, 100.0, 100.0);
  axis.set_view({20.0, 40.0});
  axis.reveal(25.0, 30.0);
  CHECK(axis.view() == AxisView{20.0, 40.0});
  axis.reveal(10.0, 15.0);
  CHECK(axis.view() == AxisView{10.0, 30.0});
  axis.reveal(35.0, 45.0);
  CHECK(axis.view() == AxisView{25.0, 45.0});
  axis.reveal(0.0, 80.0);
  CHECK(axis.view() == AxisView{0.0, 80.0});
}

TEST_CASE("ticks are round, inside the view, no denser than asked, and labelled apart") {
  bsfa::core::SplitMix64 random(3);
  for (int i = 0; i < 500; ++i) {
    const double begin = 1e6 * (random.uniform() - 0.5);
    const double length = std::pow(10.0, 8.0 * random.uniform() - 3.0);
    const Axis axis(begin, begin + length, 600.0, 1e-9);
    for (const auto& ticks : {ticks_of(axis, 60.0), time_ticks_of(axis, 60.0)}) {
      CAPTURE(begin, length);
      CHECK(ticks.size() <= 11);
      CHECK(ticks.size() >= 3);
      for (std::size_t n = 0; n < ticks.size(); ++n) {
        CHECK(ticks[n].pixel >= -0.01);
        CHECK(ticks[n].pixel <= 600.01);
        if (n > 0) CHECK(ticks[n].pixel - ticks[n - 1].pixel >= 59.9);
      }
    }
  }
}

TEST_CASE("labels of ticks are those that people would write") {
  const auto labels = [](const std::vector<Tick>& ticks) {
    QStringList out;
    for (const Tick& tick : ticks) out << tick.label;
    return out.join(" | ").toStdString();
  };
  CHECK(labels(ticks_of(Axis(0.0, 1.0, 300.0), 60.0)) == "0.0 | 0.2 | 0.4 | 0.6 | 0.8 | 1.0");
  CHECK(labels(ticks_of(Axis(-1.0, 1.0, 300.0), 70.0)) == "-1.0 | -0.5 | 0.0 | 0.5 | 1.0");
  CHECK(labels(time_ticks_of(Axis(0.0, 2e5, 300.0), 70.0)) ==
        "0 µs | 50 µs | 100 µs | 150 µs | 200 µs");
  CHECK(labels(time_ticks_of(Axis(1.5e6, 1.502e6, 300.0), 140.0)) == "1500 µs | 1501 µs | 1502 µs");
  CHECK(labels(index_ticks_of(Axis(0.0, 3.0, 300.0), 10.0)) == "0 | 1 | 2 | 3");
  CHECK(labels(index_ticks_of(Axis(0.0, 2048.0, 500.0), 110.0)) == "0 | 500 | 1000 | 1500 | 2000");
}

TEST_CASE("durations have three digits and a unit that suits") {
  CHECK(duration_text(0.0) == "0 ns");
  CHECK(duration_text(300.0) == "300 ns");
  CHECK(duration_text(41234.0) == "41.2 µs");
  CHECK(duration_text(1.5e6) == "1.50 ms");
  CHECK(duration_text(2.5e9) == "2.50 s");
  CHECK(duration_text(std::nan("")) == "–");
}
