// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <limits>
#include <set>

#include <catch2/catch.hpp>

#include "gui/models/heat_raster.h"
#include "tests/gui_models/support.h"

using namespace bsfa::gui;
using test::head_of;
using test::problem_of;
using test::sequence_of;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

/// Red is the entry of the colour table, and no class looks like another.
HeatStyle plain_style() {
  HeatStyle style;
  for (std::size_t i = 0; i < 256; ++i) style.colors[i] = qRgb(static_cast<int>(i), 0, 0);
  style.background = qRgb(0, 0, 255);
  using Look = ClassLook;
  style.looks[std::size_t(TileClass::kNotChecked)] = {Look::Fill::kFlat, Look::Pattern::kNone,
                                                      qRgb(1, 1, 1), 0};
  style.looks[std::size_t(TileClass::kOutside)] = {Look::Fill::kFlat, Look::Pattern::kNone,
                                                   qRgb(2, 2, 2), 0};
  style.looks[std::size_t(TileClass::kNan)] = {Look::Fill::kFlat, Look::Pattern::kNone,
                                               qRgb(0, 255, 0), 0};
  style.looks[std::size_t(TileClass::kSkipped)] = {Look::Fill::kValue, Look::Pattern::kHatch, 0,
                                                   1.0};
  return style;
}

TileField field_of(std::int64_t rows, std::int64_t columns, std::vector<float> values,
                   std::vector<TileClass> classes = {}) {
  TileField field;
  field.values_known = field.classes_known = true;
  if (classes.empty()) classes.assign(values.size(), TileClass::kKept);
  field.levels.push_back({rows, columns, std::move(values), std::move(classes)});
  return field;
}

HeatView whole(const TileField& field, QSize pixels, Contrast contrast = {0.0, 255.0, false}) {
  return {QRectF(0, 0, double(field.columns()), double(field.rows())), pixels, contrast};
}

}  // namespace

TEST_CASE("tiles larger than pixels are blocks of their colour, to the pixel") {
  const TileField field = field_of(2, 2, {0.0F, 64.0F, 128.0F, 255.0F});
  const QImage image = render_heat(field, whole(field, {6, 4}), plain_style());
  REQUIRE(image.size() == QSize(6, 4));
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 6; ++x) {
      const float value = field.value(y / 2, x / 3);
      CHECK(qRed(image.pixel(x, y)) == Contrast{0.0, 255.0, false}.index(value));
    }
  }
}

TEST_CASE("the colour of a value is the entry that its contrast says, linear and logarithmic") {
  const bool log = GENERATE(false, true);
  const Contrast contrast{log ? 1e-5 : -3.0, 7.0, log};
  std::vector<float> values;
  for (int i = 0; i < 4000; ++i) {
    const double at = -0.1 + 1.2 * i / 4000.0;
    values.push_back(static_cast<float>(log ? contrast.value_at(at) : -4.0 + 12.0 * at));
  }
  for (const double i : {1.0, 17.0, 128.0, 255.0})
    values.push_back(static_cast<float>(contrast.value_at(i / 256.0)));
  values.push_back(0.0F);
  const auto count = static_cast<int>(values.size());
  const TileField field = field_of(1, count, values);
  const QImage image = render_heat(field, whole(field, {count, 1}, contrast), plain_style());
  for (int x = 0; x < count; ++x) {
    CAPTURE(x, values[std::size_t(x)]);
    CHECK(qRed(image.pixel(x, 0)) == contrast.index(values[std::size_t(x)]));
  }
}

TEST_CASE("a scale without length, or of nothing, draws all the same") {
  const Contrast contrast =
      GENERATE(Contrast{5.0, 5.0, false}, Contrast{5.0, 5.0, true}, Contrast{0.0, 0.0, true},
               Contrast{2.0, 1.0, false}, Contrast{-1e300, 1e300, false});
  const TileField field = field_of(1, 3, {4.0F, 5.0F, 6.0F});
  const QImage image = render_heat(field, whole(field, {3, 1}, contrast), plain_style());
  for (int x = 0; x < 3; ++x)
    CHECK(std::abs(qRed(image.pixel(x, 0)) - contrast.index(field.value(0, x))) <= 1);
}

TEST_CASE("classes have their looks and lines lie on pixels of the screen") {
  const TileField field = field_of(1, 5, {10.0F, 10.0F, -kInf, -kInf, -kInf},
                                   {TileClass::kKept, TileClass::kSkipped, TileClass::kOutside,
                                    TileClass::kNan, TileClass::kNotChecked});
  const HeatStyle style = plain_style();
  const QImage image = render_heat(field, whole(field, {60, 12}), style);
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 60; ++x) {
      CAPTURE(x, y);
      const QRgb pixel = image.pixel(x, y);
      const QRgb value = style.colors[Contrast{0.0, 255.0, false}.index(10.0F)];
      if (x < 12) CHECK(pixel == value);
      if (x >= 12 && x < 24) CHECK(pixel == ((x + y) % 6 == 0 ? qRgb(255, 255, 255) : value));
      if (x >= 24 && x < 36) CHECK(pixel == qRgb(2, 2, 2));
      if (x >= 36 && x < 48) CHECK(pixel == qRgb(0, 255, 0));
      if (x >= 48) CHECK(pixel == qRgb(1, 1, 1));
    }
  }
}

TEST_CASE("places beyond the tiles are background on every side") {
  const TileField field = field_of(2, 2, {50.0F, 50.0F, 50.0F, 50.0F});
  const HeatView view{QRectF(-1, -1, 4, 4), {40, 40}, {0.0, 255.0, false}};
  const QImage image = render_heat(field, view, plain_style());
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 40; ++x) {
      const bool inside = x >= 10 && x < 30 && y >= 10 && y < 30;
      CHECK((image.pixel(x, y) == qRgb(0, 0, 255)) == !inside);
    }
  }
}

TEST_CASE("many tiles to a pixel: the largest value and class win, wherever the tile lies") {
  const int pixels = GENERATE(1, 7, 33, 64, 99);
  const int hot = GENERATE(0, 1, 50, 98, 99);
  std::vector<float> values(100 * 100, 1.0F);
  std::vector<TileClass> classes(values.size(), TileClass::kSkipped);
  values[std::size_t(hot * 100 + 99 - hot)] = 200.0F;
  classes[std::size_t(hot * 100 + 99 - hot)] = TileClass::kKept;
  TileField field = field_of(100, 100, values, classes);
  while (field.levels.back().rows > 4) field.levels.push_back(pool(field.levels.back()));
  HeatStyle style = plain_style();
  style.looks[std::size_t(TileClass::kSkipped)].pattern = ClassLook::Pattern::kNone;
  const QImage image = render_heat(field, whole(field, {pixels, pixels}), style);
  int hits = 0;
  for (int y = 0; y < pixels; ++y) {
    for (int x = 0; x < pixels; ++x) {
      if (image.pixel(x, y) == style.colors[Contrast{0.0, 255.0, false}.index(200.0F)]) ++hits;
    }
  }
  CHECK(hits == 1);
}

TEST_CASE("two hundred isolated kept tiles of 1024 x 2048 are all seen at full extent") {
  HeadArrays head = head_of(sequence_of(problem_of(1, 1024, 2048), 5), 0);
  for (auto& code : *head.mask_kernel) code = code == 0 ? 0 : 1;
  std::set<std::pair<std::int64_t, std::int64_t>> places;
  for (std::int64_t i = 0; i < 200; ++i) {
    const std::int64_t m = 20 + 5 * i;
    const std::int64_t n = (i * 37) % (2 * m - 4);
    (*head.mask_kernel)[head.index(m, n)] = 2;
    places.insert({m, n});
  }
  const TileField field = make_field(head, Field::kTileMax, MaskSource::kKernel);
  const QSize pixels = GENERATE(QSize(1440, 900), QSize(700, 500), QSize(1100, 1100));
  for (const bool dark : {false, true}) {
    const HeatStyle style = heat_style(Field::kTileMax, dark);
    const HeatView view{QRectF(0, 0, 2048, 1024), pixels, {6.0, 14.0, false}};
    const QImage image = render_heat(field, view, style);
    for (const auto& [m, n] : places) {
      const auto x = static_cast<int>(double(n) * pixels.width() / 2048.0);
      const auto y = static_cast<int>(double(m) * pixels.height() / 1024.0);
      // Colour against grey: some pixel of the tile's own or a neighbouring one is coloured.
      int coloured = 0;
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (!image.rect().contains(x + dx, y + dy)) continue;
          const QRgb pixel = image.pixel(x + dx, y + dy);
          if (qRed(pixel) != qGreen(pixel) || qGreen(pixel) != qBlue(pixel)) ++coloured;
        }
      }
      CAPTURE(m, n);
      REQUIRE(coloured >= 1);
    }
  }
}

TEST_CASE("a picture without tiles, size or extent is background or nothing") {
  const TileField none = field_of(0, 0, {});
  const QImage image = render_heat(none, {QRectF(0, 0, 1, 1), {4, 4}, {}}, plain_style());
  CHECK(image.pixel(3, 3) == qRgb(0, 0, 255));
  CHECK(render_heat(none, {QRectF(0, 0, 1, 1), {0, 4}, {}}, plain_style()).isNull());
  const TileField one = field_of(1, 1, {1.0F});
  const double nan = std::nan("");
  for (const QRectF view : {QRectF(), QRectF(nan, 0, 1, 1), QRectF(0, 0, nan, 1),
                            QRectF(1e300, 1e300, 1e-300, 1e300), QRectF(0, 0, -1, 1)}) {
    CHECK(render_heat(one, {view, {4, 4}, {}}, plain_style()).pixel(0, 0) == qRgb(0, 0, 255));
  }
}

TEST_CASE("the level that is drawn never has cells smaller than a pixel") {
  HeadArrays head = head_of(sequence_of(problem_of(1, 256, 512), 5), 0);
  const TileField field = make_field(head, Field::kTileMax, MaskSource::kKernel);
  const auto level_at = [&](int width, int height) {
    return level_for(field, {QRectF(0, 0, 512, 256), {width, height}, {}});
  };
  CHECK(level_at(512, 256) == 0);
  CHECK(level_at(300, 150) == 0);
  CHECK(level_at(256, 128) == 1);
  CHECK(level_at(64, 256) == 0);
  CHECK(level_at(64, 32) == 3);
  CHECK(level_at(1, 1) == static_cast<int>(field.levels.size()) - 1);
  CHECK_FALSE(is_pooled({QRectF(0, 0, 512, 256), {512, 256}, {}}));
  CHECK(is_pooled({QRectF(0, 0, 512, 256), {511, 256}, {}}));
}

TEST_CASE("skipped tiles are grey at the luminance of their value, hatched, in both themes") {
  const bool dark = GENERATE(false, true);
  const TileField field = field_of(1, 1, {200.0F}, {TileClass::kSkipped});
  const HeatStyle style = heat_style(Field::kTileMax, dark);
  const QImage image = render_heat(field, whole(field, {12, 12}), style);
  const double value = luminance(style.colors[Contrast{0.0, 255.0, false}.index(200.0F)]);
  std::set<QRgb> seen;
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 12; ++x) seen.insert(image.pixel(x, y));
  }
  REQUIRE(seen.size() == 2);
  CHECK(luminance(image.pixel(1, 0)) == Approx(value).margin(0.01));
  CHECK(contrast_ratio(*seen.begin(), *seen.rbegin()) > 1.5);
}

TEST_CASE("every class looks unlike every other in both themes and for all fields") {
  const bool dark = GENERATE(false, true);
  for (const Field field : kFields) {
    const HeatStyle style = heat_style(field, dark);
    std::vector<QImage> looks;
    for (std::size_t i = 0; i < kTileClasses; ++i)
      looks.push_back(render_look(static_cast<TileClass>(i), style, {24, 24}));
    for (std::size_t a = 0; a < looks.size(); ++a) {
      for (std::size_t b = a + 1; b < looks.size(); ++b) {
        // Whether a tile agrees is all that the field of disagreement says of it.
        const bool may_match =
            field == Field::kDisagreement && b == std::size_t(TileClass::kDiagonal);
        CAPTURE(key_of(field).toStdString(), a, b);
        if (!may_match) CHECK(looks[a] != looks[b]);
      }
    }
    CHECK(looks[std::size_t(TileClass::kOutside)].pixel(0, 0) != style.background);
  }
}
