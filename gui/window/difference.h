// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <memory>
#include <span>
#include <vector>

#include "gui/models/tile_field.h"
#include "gui/views/histogram_plot.h"

namespace bsfa::gui {

/// The tiles of one head in a second run less those in a first, as a head of its own: tile_max
/// holds the differences with τ = 0, so that its margins are they; the reference's mask is the
/// first run's mask and the kernel's the second's, so that disagreements are between the runs.
struct Difference {
  std::shared_ptr<const HeadArrays> arrays;  ///< null where the runs hold other tiles
  std::shared_ptr<const TileField> field;
  QString obstacle;                  ///< why there is none, one line
  std::int64_t differing_tiles = 0;  ///< decided otherwise
  float largest = 0.0F;              ///< absolute difference of values
};

/// `field` says of which values; a mask of either side gives disagreements.
Difference difference_of(const HeadArrays& first, const HeadArrays& second, Field field);

/// The finite values of both runs in bins of one range, A and B; none where neither has any.
std::vector<HistogramSeries> histograms_of(std::span<const float> first,
                                           std::span<const float> second);

}  // namespace bsfa::gui
