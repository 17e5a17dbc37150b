// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/trace_rows.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "analysis/curve.h"
#include "cli/compare/layer_result.h"
#include "core/tile_geometry.h"

namespace bsfa::cli {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint8_t kNotChecked = 255;

/// Where a Q block's values go in [heads, rows].
std::size_t slot_of(const traces::Sequence& sequence, const core::WorkItem& item) {
  const auto at =
      std::lower_bound(sequence.q_blocks.begin(), sequence.q_blocks.end(), item.q_block);
  const auto row = static_cast<std::size_t>(at - sequence.q_blocks.begin());
  return static_cast<std::size_t>(item.head * sequence.shape.rows) + row;
}

void allocate(traces::Sequence& s, bool gated, bool mask_reported) {
  const auto tiles = static_cast<std::size_t>(s.shape.tiles());
  const auto blocks = static_cast<std::size_t>(s.shape.heads * s.shape.rows);
  for (auto* field : {&s.tile_max, &s.tile_mass, &s.tile_mass_max}) field->emplace(tiles, kNan);
  s.mask_reference.emplace(tiles, kNotChecked);
  if (mask_reported) s.mask_kernel.emplace(tiles, kNotChecked);
  if (gated) s.threshold.emplace(blocks, kNan);
  for (auto* field : {&s.error_arithmetic, &s.error_method, &s.retained_mass, &s.retained_mass_min,
                      &s.certificate}) {
    field->emplace(blocks, kNan);
  }
  s.gating_ties.emplace(blocks, 0U);
  s.gating_violations.emplace(blocks, 0U);
  for (auto* field : {&s.curve_threshold, &s.curve_mass}) {
    field->emplace(blocks * analysis::KeptShareCurve::kPoints, kNan);
  }
}

template <typename To, typename From>
void copy_row(std::vector<To>& to, std::size_t slot, const From& from) {
  std::transform(from.begin(), from.end(),
                 to.begin() + static_cast<std::ptrdiff_t>(slot * from.size()),
                 [](auto value) { return static_cast<To>(value); });
}

void record_tiles(traces::Sequence& s, std::size_t slot, const JudgedBlock& block,
                  const std::vector<core::TileCode>& reference_mask) {
  const auto& statistics = block.evaluation.statistics;
  copy_row(*s.tile_max, slot, statistics.tile_max);
  copy_row(*s.tile_mass, slot, statistics.tile_mass);
  copy_row(*s.tile_mass_max, slot, statistics.tile_mass_max);
  copy_row(*s.mask_reference, slot, reference_mask);
  if (s.mask_kernel) copy_row(*s.mask_kernel, slot, block.evaluation.masked.front().mask);
}

void record_findings(traces::Sequence& s, std::size_t slot, const analysis::BlockVerdict& verdict) {
  (*s.error_arithmetic)[slot] = verdict.set_aside ? kNan : static_cast<float>(worst_ratio(verdict));
  (*s.error_method)[slot] = static_cast<float>(verdict.method.relative_l2());
  (*s.gating_ties)[slot] = static_cast<std::uint32_t>(verdict.gating.ties);
  (*s.gating_violations)[slot] = static_cast<std::uint32_t>(verdict.gating.violations);
  (*s.retained_mass)[slot] = static_cast<float>(verdict.method.retained_mass);
  (*s.retained_mass_min)[slot] = static_cast<float>(verdict.method.retained_mass_min);
  (*s.certificate)[slot] = static_cast<float>(verdict.method.certificate);
}

}  // namespace

TraceRows::TraceRows(const core::Problem& problem, std::span<const core::WorkItem> items,
                     const core::Thresholds* thresholds, bool mask_reported)
    : problem_(problem), thresholds_(thresholds) {
  const core::TileGeometry geometry(problem);
  std::map<std::int64_t, std::set<std::int64_t>> rows;
  for (const auto& item : items) rows[item.batch].insert(item.q_block);
  for (const auto& [batch, blocks] : rows) {
    traces::Sequence& s = sequences_[batch];
    s.problem = problem;
    s.q_blocks.assign(blocks.begin(), blocks.end());
    s.shape = {problem.heads, static_cast<std::int64_t>(blocks.size()), geometry.k_blocks()};
    s.held.emplace(static_cast<std::size_t>(s.shape.heads * s.shape.rows), std::uint8_t{0});
    allocate(s, thresholds != nullptr, mask_reported);
  }
  for (const auto& item : items)
    (*sequences_[item.batch].held)[slot_of(sequences_[item.batch], item)] = 1;
}

void TraceRows::record(const JudgedBlock& block) {
  const core::WorkItem& item = block.verdict.item;
  traces::Sequence& s = sequences_.at(item.batch);
  const std::size_t slot = slot_of(s, item);
  record_tiles(s, slot, block, reference::gate(problem_, block.evaluation.statistics, thresholds_));
  record_findings(s, slot, block.verdict);
  if (s.threshold) {
    const core::TileGeometry geometry(problem_);
    (*s.threshold)[slot] =
        thresholds_->at(item.head, geometry.threshold_index(item.q_block, thresholds_->blocks));
  }
  const auto curve = analysis::kept_share_curve(problem_, block.evaluation.statistics);
  copy_row(*s.curve_threshold, slot, curve.threshold);
  copy_row(*s.curve_mass, slot, curve.mass);
}

std::map<std::int64_t, traces::Sequence> TraceRows::finish(std::vector<core::WorkRecord> records) {
  std::stable_sort(records.begin(), records.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  for (auto& [batch, s] : sequences_) {
    if (std::all_of(s.held->begin(), s.held->end(), [](std::uint8_t held) { return held == 1; }))
      s.held.reset();
    if (records.empty()) continue;
    s.work.emplace();
    std::copy_if(records.begin(), records.end(), std::back_inserter(*s.work),
                 [b = batch](const auto& record) { return record.batch == b; });
  }
  return std::exchange(sequences_, {});
}

}  // namespace bsfa::cli
