// SPDX-License-Identifier: Apache-2.0
#include "reference/attention.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/tile_geometry.h"
#include "reference/accumulator.h"
#include "reference/naive.h"
#include "reference/score_tiles.h"
#include "reference/tile_softmax.h"
#include "reference/value_product.h"

namespace bsfa::reference {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string text_of(const std::array<std::int64_t, 4>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "[" : ", ") + std::to_string(size);
  return text + "]";
}

void require_tensor(const core::TensorView& view, const char* name, const core::Problem& p,
                    std::int64_t heads, std::int64_t length) {
  const std::string tensor = std::string("tensor ") + name;
  if (view.data == nullptr) throw core::InvalidProblem(tensor + " is missing");
  if (view.dtype != p.dtype) {
    throw core::InvalidProblem(tensor + " is " + std::string(core::name_of(view.dtype)) +
                               ", the problem is " + std::string(core::name_of(p.dtype)));
  }
  const std::array<std::int64_t, 4> shape{p.batch, heads, length, p.head_dim};
  if (view.shape != shape) {
    throw core::InvalidProblem(tensor + " is " + text_of(view.shape) + ", the problem needs " +
                               text_of(shape));
  }
  if (view.stride[3] != 1) {
    throw core::InvalidProblem(tensor + " is not contiguous in its last dimension");
  }
}

void require_item(const core::Problem& p, const core::WorkItem& item) {
  const auto inside = [](std::int64_t i, std::int64_t end) { return i >= 0 && i < end; };
  if (!inside(item.batch, p.batch) || !inside(item.head, p.heads) ||
      !inside(item.q_block, core::TileGeometry(p).q_blocks())) {
    throw core::InvalidProblem("batch " + std::to_string(item.batch) + ", head " +
                               std::to_string(item.head) + ", Q block " +
                               std::to_string(item.q_block) + " is not part of the problem");
  }
}

core::BlockStatistics empty_statistics(const core::Problem& problem, const core::WorkItem& item) {
  const core::TileGeometry geometry(problem);
  const auto tiles = static_cast<std::size_t>(geometry.k_blocks());
  core::BlockStatistics statistics;
  statistics.item = item;
  statistics.rows = geometry.q_rows(item.q_block).size();
  statistics.tile_max.assign(tiles, -kInfinity);
  statistics.beta.assign(tiles, 0.0);
  statistics.must_keep.assign(tiles, 0);
  return statistics;
}

void record(const ScoreTile& tile, core::BlockStatistics& statistics) {
  const auto n = static_cast<std::size_t>(tile.k_block);
  statistics.tile_max[n] = tile.max;
  statistics.beta[n] = tile.beta;
  statistics.must_keep[n] = std::isnan(tile.max) || tile.max == kInfinity ? 1 : 0;
}

/// The mask with every tile outside marked so, whatever it said there.
std::vector<core::TileCode> visible_part(const core::Problem& problem, const core::WorkItem& item,
                                         std::vector<core::TileCode> mask) {
  const core::TileGeometry geometry(problem);
  if (mask.size() != static_cast<std::size_t>(geometry.k_blocks())) {
    throw core::InvalidProblem("a mask has " + std::to_string(mask.size()) + " tiles, not " +
                               std::to_string(geometry.k_blocks()));
  }
  const auto visible = static_cast<std::size_t>(geometry.visible_k_blocks(item.q_block));
  for (std::size_t n = visible; n < mask.size(); ++n) mask[n] = core::TileCode::kOutside;
  return mask;
}

/// Per row, the share of the dense mass in tiles that take part: exactly 1 where all do, and where
/// there is no mass to lose.
std::vector<double> retained_mass(const TileSums& sums, const std::vector<double>& dense_lse,
                                  const std::vector<core::TileCode>& mask, std::int64_t tiles) {
  std::vector<double> retained(dense_lse.size(), 0.0);
  std::vector<double> total(dense_lse.size(), 0.0);
  std::vector<double> shares;
  for (std::int64_t n = 0; n < tiles; ++n) {
    sums.shares(n, dense_lse, shares);
    const bool kept = core::takes_part(mask[static_cast<std::size_t>(n)]);
    for (std::size_t r = 0; r < retained.size(); ++r) {
      total[r] += shares[r];
      if (kept) retained[r] += shares[r];
    }
  }
  for (std::size_t r = 0; r < retained.size(); ++r) {
    retained[r] = dense_lse[r] == -kInfinity ? 1.0 : retained[r] / total[r];
  }
  return retained;
}

}  // namespace

Attention::Attention(const core::Problem& problem, const core::AttentionInputs& inputs)
    : problem_(core::with_default_scale(problem)), inputs_(inputs) {
  core::validate(problem_);
  require_tensor(inputs.q, "q", problem_, problem_.heads, problem_.q_len);
  require_tensor(inputs.k, "k", problem_, problem_.kv_heads, problem_.kv_len);
  require_tensor(inputs.v, "v", problem_, problem_.kv_heads, problem_.kv_len);
}

core::BlockStatistics Attention::statistics(const core::WorkItem& item, bool with_mass) const {
  require_item(problem_, item);
  core::BlockStatistics statistics = empty_statistics(problem_, item);
  const ScoreTiles scores(problem_, inputs_, item);
  TileSums sums(scores.rows(), with_mass ? scores.tiles() : 0);
  scores.for_each([&](ScoreTile& tile) {
    record(tile, statistics);
    if (with_mass) exponentiate(tile, sums.add(tile.k_block, tile.row_max));
  });
  if (with_mass) fill_masses(sums, scores.tiles(), statistics);
  return statistics;
}

core::BlockEvaluation Attention::evaluate(const core::WorkItem& item,
                                          std::span<const std::vector<core::TileCode>> masks,
                                          bool with_low) const {
  require_item(problem_, item);
  const ScoreTiles scores(problem_, inputs_, item);
  core::BlockEvaluation evaluation;
  evaluation.statistics = empty_statistics(problem_, item);
  core::BlockStatistics& statistics = evaluation.statistics;

  std::vector<Accumulator> accumulators;  // dense first
  accumulators.emplace_back(gate(problem_, statistics, nullptr), scores.rows(), problem_.head_dim);
  for (const auto& mask : masks) {
    accumulators.emplace_back(visible_part(problem_, item, mask), scores.rows(), problem_.head_dim);
  }
  TileSums sums(scores.rows(), scores.tiles());
  ValueProduct value_product(problem_, inputs_, item, scores.rows());
  scores.for_each([&](ScoreTile& tile) {
    record(tile, statistics);
    double* row_sum = sums.add(tile.k_block, tile.row_max);
    exponentiate(tile, row_sum);
    const TileTerm term = value_product(tile, row_sum);
    for (Accumulator& accumulator : accumulators) accumulator.add(term);
  });

  fill_masses(sums, scores.tiles(), statistics);
  for (Accumulator& accumulator : accumulators) {
    core::BlockOutput output = accumulator.finish();
    output.retained_mass = retained_mass(sums, statistics.dense_lse, output.mask, scores.tiles());
    const bool is_dense = &accumulator == &accumulators.front();
    if (with_low && !is_dense) output.low = naive_output(problem_, inputs_, item, output.mask);
    if (is_dense) {
      evaluation.dense = std::move(output);
    } else {
      evaluation.masked.push_back(std::move(output));
    }
  }
  return evaluation;
}

}  // namespace bsfa::reference
