// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <vector>

#include "analysis/verdict.h"
#include "core/tile_geometry.h"

namespace bsfa::analysis {

inline constexpr double kInf = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr float kInfF = std::numeric_limits<float>::infinity();
inline constexpr float kNanF = std::numeric_limits<float>::quiet_NaN();

inline std::uint8_t code(core::TileCode tile) {
  return static_cast<std::uint8_t>(tile);
}

/// A right kernel's results for one Q block, by hand, ready to be spoiled.
///
/// One head of 16 tokens in tiles of 4 x 2, three channels. Q block 2 has off-diagonal tiles 0 ..
/// 3, diagonal ones 4 and 5, and 6 and 7 outside. Of the off-diagonal ones, τ = 1.5 keeps 0 and 1.
/// All numbers are dyadic, so that bounds can be met exactly.
struct Fixture {
  static constexpr std::int64_t kRows = 4, kChannels = 3, kBlock = 2, kFirstRow = 8;
  core::Problem problem;
  core::Thresholds thresholds;
  core::BlockEvaluation evaluation;
  std::vector<float> o, lse, tile_max;
  std::vector<std::uint8_t> mask;
  bool gated = true, reports_mask = true, reports_tile_max = true, reports_lse = true;

  Fixture() {
    problem.q_len = problem.kv_len = 16;
    problem.head_dim = kChannels;
    problem.gate = {4, 2};
    problem.scale = 1.0F;
    thresholds = core::Thresholds::constant(1, problem.gate, 1.5F);
    make_statistics();
    make_outputs();
    copy_to_kernel();
  }

  core::BlockOutput& masked() { return evaluation.masked.front(); }
  double& ref(std::int64_t row, std::int64_t channel) { return masked().o[entry(row, channel)]; }
  float& out(std::int64_t row, std::int64_t channel) { return o[entry(kFirstRow + row, channel)]; }
  float& out_lse(std::int64_t row) { return lse[static_cast<std::size_t>(kFirstRow + row)]; }
  std::uint8_t& out_mask(std::size_t n) { return mask[kBlock * 8 + n]; }
  float& out_tile_max(std::size_t n) { return tile_max[kBlock * 8 + n]; }

  /// 2·2^-10 (from low) + 2·2^-11·1.5 (from the largest value).
  static constexpr double kBound = 0x1p-9 + 1.5 * 0x1p-10;
  /// β 2^-6, 2 + 8 terms, |LSE| 2.
  static constexpr double kLseBound = 0x1p-6 + 10 * 0x1p-23 + 2 * 0x1p-22;

  core::KernelOutput kernel() const {
    core::KernelOutput view;
    view.o = core::TensorView::contiguous(o.data(), core::Dtype::kFloat32, {1, 1, 16, kChannels});
    view.lse = reports_lse ? lse.data() : nullptr;
    view.mask = reports_mask ? mask.data() : nullptr;
    view.tile_max = reports_tile_max ? tile_max.data() : nullptr;
    return view;
  }
  BlockVerdict judge() const {
    return judge_block(problem, gated ? &thresholds : nullptr, evaluation, kernel());
  }
  /// Makes both sides say that tile n was skipped or kept.
  void decide(std::size_t n, core::TileCode tile) {
    masked().mask[n] = tile;
    out_mask(n) = code(tile);
  }
  /// Gives tile n this exact maximum, and the kernel the same.
  void score(std::size_t n, double value) {
    evaluation.statistics.tile_max[n] = value;
    out_tile_max(n) = static_cast<float>(value);
  }

  static std::size_t entry(std::int64_t row, std::int64_t channel) {
    return static_cast<std::size_t>(row * kChannels + channel);
  }

 private:
  void make_statistics() {
    core::BlockStatistics& s = evaluation.statistics;
    s.item = {0, 0, kBlock};
    s.rows = kRows;
    s.tile_max = {3.0, 2.0, 1.0, 0.0, 4.0, 4.0, -kInf, -kInf};
    s.beta.assign(8, 0x1p-6);
    s.must_keep.assign(8, 0);
    s.tile_mass = {0.25F, 0.125F, 0.0625F, 0.0625F, 0.25F, 0.25F, 0.0F, 0.0F};
    s.tile_mass_max = s.tile_mass;
    s.dense_lse.assign(kRows, 2.25);
  }
  void make_outputs() {
    using enum core::TileCode;
    core::BlockOutput output;
    output.mask = {kKept, kKept, kSkipped, kSkipped, kDiagonal, kDiagonal, kOutside, kOutside};
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (std::int64_t c = 0; c < kChannels; ++c) {
        output.o.push_back(0.25 * static_cast<double>(r + c + 1));
      }
    }
    output.lse.assign(kRows, 2.0);
    output.low.assign(output.o.begin(), output.o.end());
    output.low[0] += 0x1p-10F;
    output.retained_mass.assign(kRows, 0.875);
    output.exempt_channel.assign(kChannels, 0);
    evaluation.dense = output;
    evaluation.dense.mask.assign(4, kKept);
    evaluation.dense.mask.insert(evaluation.dense.mask.end(),
                                 {kDiagonal, kDiagonal, kOutside, kOutside});
    evaluation.dense.low.clear();
    for (double& value : evaluation.dense.o) value += 0.125;
    evaluation.masked.push_back(std::move(output));
  }
  void copy_to_kernel() {
    o.assign(static_cast<std::size_t>(16 * kChannels), 0.0F);
    lse.assign(16, 0.0F);
    mask.assign(4 * 8, 0xEE);
    tile_max.assign(4 * 8, 0.0F);
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (std::int64_t c = 0; c < kChannels; ++c) out(r, c) = static_cast<float>(ref(r, c));
      out_lse(r) = 2.0F;
    }
    for (std::size_t n = 0; n < 8; ++n) {
      out_mask(n) = code(masked().mask[n]);
      out_tile_max(n) = static_cast<float>(evaluation.statistics.tile_max[n]);
    }
  }
};

}  // namespace bsfa::analysis
