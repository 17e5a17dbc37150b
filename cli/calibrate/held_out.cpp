// SPDX-License-Identifier: Apache-2.0
#include "cli/calibrate/held_out.h"

#include <algorithm>

#include "analysis/verdict.h"
#include "core/tile_geometry.h"
#include "reference/attention.h"

namespace bsfa::cli {
namespace {

std::int64_t kept_off_diagonal(const core::Problem& problem,
                               const core::BlockStatistics& statistics,
                               const core::Thresholds& thresholds) {
  const auto mask = reference::gate(problem, statistics, &thresholds);
  return std::count(mask.begin(), mask.end(), core::TileCode::kKept);
}

}  // namespace

std::vector<HeldOutDensity> held_out_density(const core::ThresholdTable& table, std::size_t layer,
                                             const CalibrationInput& input,
                                             const ScoreDevice& device,
                                             const core::RunControl& control) {
  const core::TileGeometry geometry(input.problem);
  std::vector<core::Thresholds> thresholds;
  for (std::size_t k = 0; k < table.k_values.size(); ++k) {
    thresholds.push_back(table.select(k, layer));
    core::validate(thresholds.back(), input.problem);
  }
  std::vector<analysis::TileCounts> predicted(thresholds.size()), measured(thresholds.size());
  const auto visit = [&](const core::BlockStatistics& statistics) {
    const std::int64_t off_diagonal = geometry.off_diagonal_count(statistics.item.q_block);
    for (std::size_t k = 0; k < thresholds.size(); ++k) {
      const auto kept = kept_off_diagonal(input.problem, statistics, thresholds[k]);
      measured[k] += {off_diagonal, kept, off_diagonal - kept, 0};
      predicted[k] += {off_diagonal, std::min(table.k_values[k], off_diagonal), 0, 0};
    }
  };
  for_each_tile_row(input.problem, input.inputs, core::all_work_items(input.problem), device,
                    control, visit);
  std::vector<HeldOutDensity> result;
  for (std::size_t k = 0; k < thresholds.size(); ++k) {
    result.push_back(
        {table.layers[layer], table.k_values[k], predicted[k].density(), measured[k].density()});
  }
  return result;
}

}  // namespace bsfa::cli
