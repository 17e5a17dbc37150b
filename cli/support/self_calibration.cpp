// SPDX-License-Identifier: Apache-2.0
#include "cli/support/self_calibration.h"

#include <algorithm>
#include <set>

#include "core/tile_geometry.h"

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

/// Heads of which no whole Q block is looked at get the threshold of a Q block without tiles.
void fill_unreached_heads(analysis::Calibration& calibration, const CalibrationInput& input,
                          std::span<const core::WorkItem> items) {
  std::set<std::int64_t> reached;
  for (const auto& item : calibrated_items(input.problem, items)) reached.insert(item.head);
  for (std::int64_t head = 0; head < input.problem.heads; ++head) {
    if (!reached.contains(head)) calibration.add(0, head, 0, {}, input.name);
  }
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
                        const ScoreDevice& device, const core::RunControl& control) {
  const auto names = sample_names(input);
  for_each_tile_row(input.problem, input.inputs, calibrated_items(input.problem, items), device,
                    control, [&](const core::BlockStatistics& statistics) {
                      analysis::calibrate(calibration, layer, input.problem, statistics,
                                          names[static_cast<std::size_t>(statistics.item.batch)]);
                    });
}

core::ThresholdTable self_calibrate(const CalibrationInput& input, std::int64_t layer,
                                    const std::vector<std::int64_t>& k_values,
                                    std::span<const core::WorkItem> items,
                                    const ScoreDevice& device, const core::RunControl& control) {
  analysis::Calibration calibration(k_values, {layer}, input.problem.heads, input.problem.gate,
                                    core::Aggregation::kMean);
  add_to_calibration(calibration, 0, input, items, device, control);
  fill_unreached_heads(calibration, input, items);
  for (const auto& name : sample_names(input)) calibration.add_sample_name(name);
  return calibration.finish();
}

}  // namespace bsfa::cli
