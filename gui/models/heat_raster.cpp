// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/heat_raster.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "gui/models/color_index.h"

namespace bsfa::gui {
namespace {

constexpr std::size_t kBackground = kTileClasses;
constexpr std::size_t kLooks = kTileClasses + 1;
constexpr std::size_t kPatterns = 5;

QRgb grey_like(QRgb color) {
  const double y = luminance(color);
  const double encoded = y <= 0.0031308 ? 12.92 * y : 1.055 * std::pow(y, 1.0 / 2.4) - 0.055;
  const int level = static_cast<int>(std::lround(255.0 * std::clamp(encoded, 0.0, 1.0)));
  return qRgb(level, level, level);
}

QRgb inked(QRgb color, double ink) {
  const double towards = luminance(color) > 0.18 ? 0.0 : 255.0;
  const auto mix = [&](int own) {
    return static_cast<int>(std::lround(own + (towards - own) * ink));
  };
  return qRgb(mix(qRed(color)), mix(qGreen(color)), mix(qBlue(color)));
}

/// The colour of every class and entry of the colour table, off and on the lines of its pattern.
struct Palette {
  std::array<std::array<std::array<QRgb, 256>, kLooks>, 2> colors;  ///< [on a line][look][entry]
  std::array<std::uint8_t, kLooks> pattern{};                       ///< of each look

  explicit Palette(const HeatStyle& style) {
    for (std::size_t look = 0; look < kTileClasses; ++look) {
      const ClassLook& as = style.looks[look];
      pattern[look] = static_cast<std::uint8_t>(as.pattern);
      for (std::size_t i = 0; i < 256; ++i) {
        QRgb fill = as.flat;
        if (as.fill == ClassLook::Fill::kValue) fill = style.colors[i];
        if (as.fill == ClassLook::Fill::kGrey) fill = grey_like(style.colors[i]);
        colors[0][look][i] = fill | 0xFF000000U;
        colors[1][look][i] = inked(fill, as.ink);
      }
    }
    colors[0][kBackground].fill(style.background | 0xFF000000U);
    colors[1][kBackground].fill(style.background | 0xFF000000U);
  }
};

/// Which cells [begin, end) of a level each pixel of one direction shows; empty beyond its edge.
struct Span {
  std::int64_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
  friend bool operator==(const Span&, const Span&) = default;
};

std::vector<Span> spans_of(double start, double length, int pixels, std::int64_t cells) {
  std::vector<Span> spans(static_cast<std::size_t>(pixels));
  const double step = length / pixels;
  const auto limit = static_cast<double>(cells);
  const auto at = [&](double pixel) {
    return static_cast<std::int64_t>(std::floor(std::clamp(start + pixel * step, -1.0, limit)));
  };
  for (int i = 0; i < pixels; ++i) {
    Span& span = spans[static_cast<std::size_t>(i)];
    if (step > 1.0) {
      // A cell that the last pixel shows a part of is in view too.
      const auto end = i + 1 < pixels
                           ? at(i + 1.0)
                           : static_cast<std::int64_t>(std::ceil(std::min(start + length, limit)));
      span = {std::max<std::int64_t>(at(i), 0), end};
    } else {
      const std::int64_t cell = at(i + 0.5);
      span = {cell, cell + 1};
      if (cell < 0) span = {};
    }
    span.end = std::min(span.end, cells);
  }
  return spans;
}

/// Turns one level into pixels, a line at a time.
class Raster {
 public:
  Raster(const Plane& plane, const std::vector<Span>& columns, const ColorIndex& index)
      : plane_(plane),
        columns_(columns),
        index_(index),
        values_(static_cast<std::size_t>(plane.columns)),
        cell_entries_(values_.size()),
        classes_(values_.size()),
        pixel_values_(columns.size()),
        entries_(columns.size()),
        looks_(columns.size()) {
    for (const Span& span : columns) {
      if (span.empty()) continue;
      if (used_.empty()) used_.begin = span.begin;
      used_.end = std::max(used_.end, span.end);
      longest_ = std::max(longest_, span.end - span.begin);
    }
  }

  /// Makes entries and looks those of these rows.
  void set_rows(const Span& rows) {
    if (rows.empty() || used_.empty()) {
      std::fill(looks_.begin(), looks_.end(), static_cast<std::uint8_t>(kBackground));
      std::fill(entries_.begin(), entries_.end(), std::uint8_t{0});
      return;
    }
    pool_rows(rows);
    if (longest_ == 1) {
      spread_cells();
    } else {
      pool_columns();
    }
  }

  const std::uint8_t* entries() const { return entries_.data(); }
  const std::uint8_t* looks() const { return looks_.data(); }

 private:
  void pool_rows(const Span& rows) {
    const auto* classes = reinterpret_cast<const std::uint8_t*>(plane_.classes.data());
    const auto first = static_cast<std::size_t>(used_.begin);
    const auto last = static_cast<std::size_t>(used_.end);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      const auto offset = static_cast<std::size_t>(row * plane_.columns);
      const float* from = plane_.values.data() + offset;
      const std::uint8_t* codes = classes + offset;
      if (row == rows.begin) {
        std::copy(from + first, from + last, values_.begin() + used_.begin);
        std::copy(codes + first, codes + last, classes_.begin() + used_.begin);
        continue;
      }
      for (std::size_t c = first; c < last; ++c) values_[c] = std::max(values_[c], from[c]);
      for (std::size_t c = first; c < last; ++c) classes_[c] = std::max(classes_[c], codes[c]);
    }
  }

  /// A cell or less to a pixel: each cell's entry is found once.
  void spread_cells() {
    const auto first = static_cast<std::size_t>(used_.begin);
    const auto length = static_cast<std::size_t>(used_.end - used_.begin);
    index_(std::span(values_).subspan(first, length), cell_entries_.data() + first);
    for (std::size_t x = 0; x < columns_.size(); ++x) {
      const auto at = static_cast<std::size_t>(columns_[x].begin);
      const bool empty = columns_[x].empty();
      looks_[x] = empty ? static_cast<std::uint8_t>(kBackground) : classes_[at];
      entries_[x] = empty ? std::uint8_t{0} : cell_entries_[at];
    }
  }

  /// Several cells to a pixel. Mostly two at most, whose first and last are all of them.
  void pool_columns() {
    for (std::size_t x = 0; x < columns_.size(); ++x) {
      const Span& span = columns_[x];
      if (span.empty()) {
        looks_[x] = static_cast<std::uint8_t>(kBackground);
        pixel_values_[x] = 0.0F;
        continue;
      }
      const auto last = static_cast<std::size_t>(span.end - 1);
      auto at = static_cast<std::size_t>(span.begin);
      float value = std::max(values_[at], values_[last]);
      std::uint8_t look = std::max(classes_[at], classes_[last]);
      for (++at; at < last; ++at) {
        value = std::max(value, values_[at]);
        look = std::max(look, classes_[at]);
      }
      looks_[x] = look;
      pixel_values_[x] = value;
    }
    index_(pixel_values_, entries_.data());
  }

  const Plane& plane_;
  const std::vector<Span>& columns_;
  const ColorIndex& index_;
  Span used_;  ///< columns of the level that are in view
  std::int64_t longest_ = 0;
  std::vector<float> values_;
  std::vector<std::uint8_t> cell_entries_, classes_;
  std::vector<float> pixel_values_;
  std::vector<std::uint8_t> entries_, looks_;
};

/// Which pixels of a row lie on lines: repeats with the period, for each pattern.
class PatternRow {
 public:
  PatternRow(int period, int width) : period_(std::max(period, 1)), width_(width) {
    for (auto& hits : hits_) hits.resize(static_cast<std::size_t>(period_));
  }

  void set_row(int y) {
    const int down = y % period_;
    for (int x = 0; x < period_; ++x) {
      const bool hatch = (x + down) % period_ < width_;
      const bool counter = (x - down + period_) % period_ < width_;
      const bool dot = x < 2 * width_ && down < 2 * width_;
      const auto at = static_cast<std::size_t>(x);
      hits(ClassLook::Pattern::kHatch)[at] = hatch;
      hits(ClassLook::Pattern::kCounterHatch)[at] = counter;
      hits(ClassLook::Pattern::kCross)[at] = hatch || counter;
      hits(ClassLook::Pattern::kDots)[at] = dot;
    }
  }
  const std::uint8_t* row(std::size_t pattern) const { return hits_[pattern].data(); }
  int period() const { return period_; }

 private:
  std::vector<std::uint8_t>& hits(ClassLook::Pattern pattern) {
    return hits_[static_cast<std::size_t>(pattern)];
  }
  int period_, width_;
  std::array<std::vector<std::uint8_t>, kPatterns> hits_;
};

void paint_line(const Raster& raster, const Palette& palette, const PatternRow& patterns,
                QRgb* line, int pixels) {
  std::array<const std::uint8_t*, kLooks> hits{};
  for (std::size_t look = 0; look < kLooks; ++look)
    hits[look] = patterns.row(palette.pattern[look]);
  const std::uint8_t* looks = raster.looks();
  const std::uint8_t* entries = raster.entries();
  int phase = 0;
  for (int x = 0; x < pixels; ++x) {
    const std::uint8_t look = looks[x];
    line[x] = palette.colors[hits[look][phase]][look][entries[x]];
    if (++phase == patterns.period()) phase = 0;
  }
}

bool drawable(const HeatView& view) {
  return !view.pixels.isEmpty() && view.view.width() > 0.0 && view.view.height() > 0.0 &&
         std::isfinite(view.view.x()) && std::isfinite(view.view.y()) &&
         std::isfinite(view.view.width()) && std::isfinite(view.view.height());
}

}  // namespace

int level_for(const TileField& field, const HeatView& view) {
  if (!drawable(view)) return 0;
  const double tiles =
      std::min(view.view.width() / view.pixels.width(), view.view.height() / view.pixels.height());
  int level = 0;
  while (level + 1 < static_cast<int>(field.levels.size()) && std::ldexp(1.0, level + 1) <= tiles)
    ++level;
  return level;
}

bool is_pooled(const HeatView& view) {
  return drawable(view) &&
         (view.view.width() > view.pixels.width() || view.view.height() > view.pixels.height());
}

QImage render_heat(const TileField& field, const HeatView& view, const HeatStyle& style) {
  if (view.pixels.isEmpty()) return {};
  QImage image(view.pixels, QImage::Format_RGB32);
  if (image.isNull()) return image;
  if (!drawable(view) || field.rows() == 0 || field.columns() == 0) {
    image.fill(style.background | 0xFF000000U);
    return image;
  }
  const int level = level_for(field, view);
  const Plane& plane = field.levels[static_cast<std::size_t>(level)];
  const double scale = std::ldexp(1.0, -level);
  const int width = view.pixels.width(), height = view.pixels.height();
  const auto columns =
      spans_of(view.view.x() * scale, view.view.width() * scale, width, plane.columns);
  const auto rows = spans_of(view.view.y() * scale, view.view.height() * scale, height, plane.rows);
  const ColorIndex index(is_categorical(field.field) ? kCategoricalContrast : view.contrast);
  const auto palette = std::make_unique<Palette>(style);
  Raster raster(plane, columns, index);
  PatternRow patterns(style.pattern_period, style.pattern_width);
  for (int y = 0; y < height; ++y) {
    const auto at = static_cast<std::size_t>(y);
    if (y == 0 || rows[at] != rows[at - 1]) raster.set_rows(rows[at]);
    patterns.set_row(y);
    paint_line(raster, *palette, patterns, reinterpret_cast<QRgb*>(image.scanLine(y)), width);
  }
  return image;
}

QImage render_look(TileClass tile, const HeatStyle& style, QSize pixels) {
  TileField one;
  one.levels.push_back({1, 1, {0.6F}, {tile}});
  return render_heat(one, {QRectF(0, 0, 1, 1), pixels, Contrast{}}, style);
}

}  // namespace bsfa::gui
