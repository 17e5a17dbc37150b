// SPDX-License-Identifier: GPL-3.0-or-later
#include "bench/viewer/large_trace.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/curve.h"
#include "core/block.h"
#include "core/mask.h"
#include "core/problem.h"
#include "core/random.h"
#include "core/tile_geometry.h"
#include "traces/writer.h"

namespace bsfa::bench {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kTau = 9.5F;

core::Problem problem_of(const LargeTrace& size) {
  core::Problem problem;
  problem.heads = problem.kv_heads = size.heads;
  problem.gate = {128, 64};
  problem.q_len = size.q_blocks * problem.gate.q_block;
  problem.kv_len = size.k_blocks * problem.gate.k_block;
  problem.head_dim = 128;
  return core::with_default_scale(problem);
}

/// The first head of a sequence, which the others repeat.
class FirstHead {
 public:
  FirstHead(traces::Sequence& s, std::uint64_t seed) : s_(s), geometry_(s.problem), random_(seed) {
    const auto tiles = static_cast<std::size_t>(s.shape.tiles());
    const auto blocks = static_cast<std::size_t>(s.shape.heads * s.shape.rows);
    for (auto* field : {&s.tile_max, &s.tile_mass, &s.tile_mass_max}) field->emplace(tiles, 0.0F);
    for (auto* field : {&s.mask_reference, &s.mask_kernel}) field->emplace(tiles, std::uint8_t{0});
    for (auto* field : {&s.threshold, &s.error_arithmetic, &s.error_method, &s.retained_mass,
                        &s.retained_mass_min, &s.certificate}) {
      field->emplace(blocks, 0.0F);
    }
    for (auto* field : {&s.gating_ties, &s.gating_violations}) field->emplace(blocks, 0U);
    for (auto* field : {&s.curve_threshold, &s.curve_mass})
      field->emplace(blocks * analysis::KeptShareCurve::kPoints, 0.0F);
  }

  void fill() {
    for (std::int64_t row = 0; row < s_.shape.rows; ++row) {
      fill_tiles(row);
      fill_figures(row);
      add_records(row);
    }
  }

 private:
  std::size_t first(std::int64_t row) const {
    return static_cast<std::size_t>(row * s_.shape.k_blocks);
  }

  void fill_tiles(std::int64_t row) {
    const std::int64_t visible = geometry_.visible_k_blocks(row);
    double total = 0.0;
    for (std::int64_t n = 0; n < s_.shape.k_blocks; ++n) {
      const auto at = first(row) + static_cast<std::size_t>(n);
      const auto place = geometry_.place(row, n);
      // Sums of uniform numbers, in steps of 1/8: near normal, and few of them.
      const double sum = random_.uniform() + random_.uniform() + random_.uniform();
      const auto score = static_cast<float>(std::round(8.0 * (4.0 + 4.0 * sum)) / 8.0);
      (*s_.tile_max)[at] = n < visible ? score : -kInf;
      (*s_.tile_mass)[at] = n < visible ? std::exp(score) : 0.0F;
      total += static_cast<double>((*s_.tile_mass)[at]);
      auto code = core::TileCode::kOutside;
      if (place == core::TilePlace::kDiagonal) code = core::TileCode::kDiagonal;
      if (place == core::TilePlace::kOffDiagonal)
        code = core::gate_keeps(score, kTau) ? core::TileCode::kKept : core::TileCode::kSkipped;
      (*s_.mask_reference)[at] = (*s_.mask_kernel)[at] = static_cast<std::uint8_t>(code);
    }
    for (std::size_t n = 0; n < static_cast<std::size_t>(s_.shape.k_blocks); ++n) {
      float& mass = (*s_.tile_mass)[first(row) + n];
      mass = static_cast<float>(static_cast<double>(mass) / total);
      (*s_.tile_mass_max)[first(row) + n] = std::min(1.0F, 1.5F * mass);
    }
  }

  void fill_figures(std::int64_t row) {
    core::BlockStatistics block;
    block.item.q_block = row;
    double kept = 0.0;
    for (std::size_t n = 0; n < static_cast<std::size_t>(s_.shape.k_blocks); ++n) {
      const std::size_t at = first(row) + n;
      block.tile_max.push_back(static_cast<double>((*s_.tile_max)[at]));
      block.tile_mass.push_back((*s_.tile_mass)[at]);
      if ((*s_.mask_kernel)[at] >= 2) kept += static_cast<double>((*s_.tile_mass)[at]);
    }
    const auto at = static_cast<std::size_t>(row);
    (*s_.threshold)[at] = kTau;
    (*s_.retained_mass)[at] = (*s_.retained_mass_min)[at] = static_cast<float>(kept);
    (*s_.error_method)[at] = static_cast<float>(1.0 - kept);
    (*s_.error_arithmetic)[at] = 0.3F;
    (*s_.certificate)[at] = static_cast<float>(1.5 * (1.0 - kept) / std::max(kept, 1e-6));
    const auto curve = analysis::kept_share_curve(s_.problem, block);
    const auto to = static_cast<std::ptrdiff_t>(at * analysis::KeptShareCurve::kPoints);
    std::copy(curve.threshold.begin(), curve.threshold.end(), s_.curve_threshold->begin() + to);
    std::copy(curve.mass.begin(), curve.mass.end(), s_.curve_mass->begin() + to);
  }

  void add_records(std::int64_t row) {
    if (!s_.work) s_.work.emplace();
    core::WorkRecord record;
    record.q_block = static_cast<std::int32_t>(row);
    record.clock = core::ClockDomain::kGlobaltimerNs;
    for (std::size_t n = first(row); n < first(row + 1); ++n) {
      record.tiles_seen += (*s_.mask_kernel)[n] >= 1 ? 1U : 0U;
      record.tiles_kept += (*s_.mask_kernel)[n] >= 2 ? 1U : 0U;
    }
    s_.work->push_back(record);
  }

  traces::Sequence& s_;
  core::TileGeometry geometry_;
  core::SplitMix64 random_;
};

void repeat_head(traces::Sequence& s) {
  const auto repeat = [&](auto& array) {
    const auto one = static_cast<std::ptrdiff_t>(array->size()) / s.shape.heads;
    for (std::int64_t head = 1; head < s.shape.heads; ++head)
      std::copy_n(array->begin(), one, array->begin() + head * one);
  };
  for (auto* array : {&s.tile_max, &s.tile_mass, &s.tile_mass_max, &s.threshold, &s.retained_mass,
                      &s.retained_mass_min, &s.error_method, &s.error_arithmetic, &s.certificate,
                      &s.curve_threshold, &s.curve_mass}) {
    repeat(*array);
  }
  repeat(s.mask_reference);
  repeat(s.mask_kernel);
  // The units take items in turn, one after another.
  constexpr std::uint32_t kUnits = 132;
  std::vector<std::uint64_t> free_at(kUnits, 1000);
  const std::vector<core::WorkRecord> first = *s.work;
  s.work->clear();
  for (std::int64_t head = 0; head < s.shape.heads; ++head) {
    for (core::WorkRecord record : first) {
      const auto slot = static_cast<std::uint32_t>(s.work->size());
      record.head = static_cast<std::int32_t>(head);
      record.cta = slot;
      record.unit = slot % kUnits;
      record.start_ns = free_at[record.unit];
      record.end_ns = record.start_ns + 5000 + 500 * record.tiles_seen + 800 * record.tiles_kept;
      free_at[record.unit] = record.end_ns + 100;
      s.work->push_back(record);
    }
  }
  std::stable_sort(s.work->begin(), s.work->end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
}

}  // namespace

void write_large_trace(const std::filesystem::path& path, const LargeTrace& size) {
  traces::TraceWriter writer(path);
  for (std::int64_t layer = 0; layer < size.layers; ++layer) {
    traces::Sequence s;
    s.problem = problem_of(size);
    s.shape = {size.heads, size.q_blocks, size.k_blocks};
    s.q_blocks.resize(static_cast<std::size_t>(size.q_blocks));
    std::iota(s.q_blocks.begin(), s.q_blocks.end(), std::int64_t{0});
    FirstHead(s, static_cast<std::uint64_t>(layer + 1)).fill();
    repeat_head(s);
    writer.add(layer, 0, s);
  }
  traces::Provenance provenance;
  provenance.verdict = "pass";
  provenance.kernel = "synthetic";
  provenance.input_file = "none.safetensors";
  provenance.thresholds = "9.5 everywhere";
  writer.commit(provenance, {"{}"});
}

}  // namespace bsfa::bench
