// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/difference.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <limits>

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

}  // namespace bsfa::gui
