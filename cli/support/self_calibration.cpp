// SPDX-License-Identifier: Apache-2.0
#include "cli/support/self_calibration.h"

#include <algorithm>
#include <limits>

#include "core/tile_geometry.h"
#include "reference/attention.h"

namespace bsfa::cli {
namespace {

bool is_whole(const core::TileGeometry& geometry, const core::Problem& problem, std::int64_t m) {
  return geometry.q_rows(m).size() == problem.gate.q_block;
}

/// Whole Q blocks only; a partial one that was asked about is represented by the one before it,
/// whose threshold it will use.
std::vector<core::WorkItem> calibrated_items(const core::Problem& problem,
                                             std::span<const core::WorkItem> items) {
  const core::TileGeometry geometry(problem);
  std::vector<core::WorkItem> whole;
  for (core::WorkItem item : items) {
    if (!is_whole(geometry, problem, item.q_block)) --item.q_block;
    if (item.q_block >= 0 && is_whole(geometry, problem, item.q_block)) whole.push_back(item);
  }
  std::sort(whole.begin(), whole.end());
  whole.erase(std::unique(whole.begin(), whole.end()), whole.end());
  return whole;
}

std::vector<double> off_diagonal_maxima(const core::TileGeometry& geometry,
                                        const core::BlockStatistics& statistics) {
  std::vector<double> maxima;
  for (std::size_t n = 0; n < statistics.tile_max.size(); ++n) {
    const auto place = geometry.place(statistics.item.q_block, static_cast<std::int64_t>(n));
    if (place == core::TilePlace::kOffDiagonal) maxima.push_back(statistics.tile_max[n]);
  }
  return maxima;
}

}  // namespace

std::vector<std::string> sample_names(const CalibrationInput& input) {
  if (input.problem.batch == 1) return {input.name};
  std::vector<std::string> names;
  for (std::int64_t b = 0; b < input.problem.batch; ++b) {
    names.push_back(input.name + "#" + std::to_string(b));
  }
  return names;
}

void add_to_calibration(analysis::Calibration& calibration, std::size_t layer,
                        const CalibrationInput& input, std::span<const core::WorkItem> items,
                        const core::RunControl& control) {
  const core::TileGeometry geometry(input.problem);
  const reference::Attention attention(input.problem, input.inputs);
  const auto whole = calibrated_items(input.problem, items);
  std::vector<std::vector<double>> maxima(whole.size());
  reference::for_each_item(
      input.problem, whole, control, [&](std::size_t i, const core::WorkItem& item) {
        maxima[i] = off_diagonal_maxima(geometry, attention.statistics(item, false));
      });
  const auto names = sample_names(input);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    constexpr auto kNoLast = std::numeric_limits<std::int64_t>::max();
    calibration.add(layer, whole[i].head, geometry.threshold_index(whole[i].q_block, kNoLast),
                    maxima[i], names[static_cast<std::size_t>(whole[i].batch)]);
  }
}

core::ThresholdTable self_calibrate(const CalibrationInput& input, std::int64_t layer,
                                    const std::vector<std::int64_t>& k_values,
                                    std::span<const core::WorkItem> items,
                                    const core::RunControl& control) {
  analysis::Calibration calibration(k_values, {layer}, input.problem.heads, input.problem.gate,
                                    core::Aggregation::kMean);
  add_to_calibration(calibration, 0, input, items, control);
  for (const auto& name : sample_names(input)) calibration.add_sample_name(name);
  return calibration.finish();
}

}  // namespace bsfa::cli
