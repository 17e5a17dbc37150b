// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/difference.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "gui/models/color_map.h"

namespace bsfa::gui {
namespace {

constexpr float kNothing = -std::numeric_limits<float>::infinity();

QString text(const char* words) {
  return QCoreApplication::translate("bsfa::gui::Difference", words);
}

QString obstacle_of(const HeadArrays& first, const HeadArrays& second) {
  if (first.k_blocks != second.k_blocks || first.q_blocks != second.q_blocks) {
    return text("The two runs hold other tiles: there is no difference to show.");
  }
  if (first.problem.gate != second.problem.gate) {
    return text("The two runs have tiles of another size.");
  }
  return {};
}

/// Second less first; -inf where neither has a value, NaN where one has.
std::vector<float> values_less(const Plane& first, const Plane& second, float& largest) {
  std::vector<float> values(first.values.size(), kNothing);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool in_first = std::isfinite(first.values[i]);
    const bool in_second = std::isfinite(second.values[i]);
    if (in_first && in_second) {
      values[i] = second.values[i] - first.values[i];
      largest = std::max(largest, std::abs(values[i]));
    } else if (in_first != in_second) {
      values[i] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  return values;
}

const std::optional<std::vector<std::uint8_t>>& mask_of(const HeadArrays& head) {
  return head.mask_kernel ? head.mask_kernel : head.mask_reference;
}

HistogramSeries series_of(const QString& name, std::span<const float> values, double low,
                          double high) {
  HistogramSeries series{name, low, high, std::vector<double>(64, 0.0)};
  const double width = (high - low) / static_cast<double>(series.counts.size());
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const auto bin = static_cast<std::int64_t>((value - low) / width);
    const auto last = static_cast<std::int64_t>(series.counts.size()) - 1;
    series.counts[static_cast<std::size_t>(std::clamp<std::int64_t>(bin, 0, last))] += 1.0;
  }
  return series;
}

/// The range of both; a single value lies in the middle of one.
std::pair<double, double> common_range(const Histogram& a, const Histogram& b) {
  const Histogram& known = a.binned > 0 ? a : b;
  double low = known.low, high = known.high;
  if (b.binned > 0) {
    low = std::min(low, b.low);
    high = std::max(high, b.high);
  }
  if (low < high) return {low, high};
  const double reach = std::max(0.5, 0.01 * std::abs(low));
  return {low - reach, low + reach};
}

}  // namespace

Difference difference_of(const HeadArrays& first, const HeadArrays& second, Field field) {
  Difference result;
  result.obstacle = obstacle_of(first, second);
  if (!result.obstacle.isEmpty()) return result;
  auto arrays = std::make_shared<HeadArrays>();
  arrays->problem = first.problem;
  arrays->q_blocks = first.q_blocks;
  arrays->k_blocks = first.k_blocks;
  arrays->mask_reference = mask_of(first);
  arrays->mask_kernel = mask_of(second);
  arrays->threshold = std::vector<float>(first.q_blocks.size(), 0.0F);
  if (arrays->mask_reference && arrays->mask_kernel) {
    for (std::size_t i = 0; i < arrays->mask_kernel->size(); ++i) {
      result.differing_tiles += (*arrays->mask_kernel)[i] != (*arrays->mask_reference)[i] ? 1 : 0;
    }
  }
  Field shown = Field::kDisagreement;
  if (!is_categorical(field)) {
    const TileField before = make_field(first, field, MaskSource::kKernel);
    const TileField after = make_field(second, field, MaskSource::kKernel);
    if (!before.values_known || !after.values_known) {
      result.obstacle = text("One of the runs does not hold these values.");
      return result;
    }
    arrays->tile_max = values_less(before.levels.front(), after.levels.front(), result.largest);
    shown = Field::kMargin;
  }
  result.field = std::make_shared<const TileField>(make_field(*arrays, shown, MaskSource::kKernel));
  result.arrays = arrays;
  return result;
}

std::vector<HistogramSeries> histograms_of(std::span<const float> first,
                                           std::span<const float> second) {
  const Histogram a = histogram_of(first), b = histogram_of(second);
  if (a.binned == 0 && b.binned == 0) return {};
  const auto [low, high] = common_range(a, b);
  return {series_of(QStringLiteral("A"), first, low, high),
          series_of(QStringLiteral("B"), second, low, high)};
}

}  // namespace bsfa::gui
