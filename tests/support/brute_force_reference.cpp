// SPDX-License-Identifier: Apache-2.0
#include "tests/support/brute_force_reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/half_bits.h"

namespace bsfa::test {
namespace {

constexpr long double kInfinity = std::numeric_limits<long double>::infinity();
constexpr long double kNan = std::numeric_limits<long double>::quiet_NaN();

/// The value of every bit pattern.
std::vector<long double> values_of(core::Dtype dtype) {
  std::vector<long double> values;
  for (int bits = 0; bits < 0x10000; ++bits) {
    values.push_back(half_value(static_cast<std::uint16_t>(bits), dtype));
  }
  return values;
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

long double element(const core::TensorView& view, std::int64_t b, std::int64_t h, std::int64_t r,
                    std::int64_t d) {
  static const std::vector<long double> fp16 = values_of(core::Dtype::kFloat16);
  static const std::vector<long double> bf16 = values_of(core::Dtype::kBfloat16);
  return (view.dtype == core::Dtype::kFloat16 ? fp16 : bf16)[view.row<std::uint16_t>(b, h, r)[d]];
}

struct Block {
  std::int64_t first_row, rows, k_blocks;
};

Block block_of(const core::Problem& p, const core::WorkItem& item) {
  const std::int64_t first = item.q_block * p.gate.q_block;
  return {first, std::min(p.gate.q_block, p.q_len - first), ceil_div(p.kv_len, p.gate.k_block)};
}

bool tile_is_outside(const core::Problem& p, const Block& block, std::int64_t n) {
  return !sees(p, block.first_row + block.rows - 1, n * p.gate.k_block);
}

long double maximum_or_nan(long double a, long double b) {
  if (std::isnan(a) || std::isnan(b)) return kNan;
  return std::max(a, b);
}

/// Scores of one row; a column it may not see holds -inf, and is never looked at.
std::vector<long double> row_scores(const core::Problem& p, const core::AttentionInputs& inputs,
                                    const core::WorkItem& item, std::int64_t row) {
  std::vector<long double> scores(static_cast<std::size_t>(p.kv_len), -kInfinity);
  for (std::int64_t c = 0; c < p.kv_len; ++c) {
    if (sees(p, row, c)) {
      scores[static_cast<std::size_t>(c)] = brute_force_score(p, inputs, item, row, c);
    }
  }
  return scores;
}

/// Softmax weights over the columns for which `takes_part` holds: all NaN where a score that takes
/// part is NaN or +inf, all 0 where they are all -inf.
template <typename TakesPart>
std::vector<long double> softmax(const std::vector<long double>& scores, TakesPart takes_part,
                                 long double& lse) {
  long double max = -kInfinity;
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (takes_part(c)) max = maximum_or_nan(max, scores[c]);
  }
  std::vector<long double> weights(scores.size(), 0.0L);
  lse = max;
  if (max == -kInfinity) return weights;
  if (std::isnan(max) || max == kInfinity) {
    lse = kNan;
    weights.assign(scores.size(), kNan);
    return weights;
  }
  long double sum = 0.0L;
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (takes_part(c)) weights[c] = std::exp(scores[c] - max);
    sum += weights[c];
  }
  for (long double& weight : weights) weight /= sum;
  lse = max + std::log(sum);
  return weights;
}

}  // namespace

bool sees(const core::Problem& p, std::int64_t row, std::int64_t column) {
  return !p.causal || column <= p.kv_len - p.q_len + row;
}

long double brute_force_score(const core::Problem& p, const core::AttentionInputs& inputs,
                              const core::WorkItem& item, std::int64_t row, std::int64_t column) {
  const std::int64_t kv_head = item.head / (p.heads / p.kv_heads);
  long double sum = 0.0L;
  for (std::int64_t d = 0; d < p.head_dim; ++d) {
    sum += element(inputs.q, item.batch, item.head, row, d) *
           element(inputs.k, item.batch, kv_head, column, d);
  }
  return static_cast<long double>(p.scale) * sum;
}

core::BlockStatistics brute_force_statistics(const core::Problem& p,
                                             const core::AttentionInputs& inputs,
                                             const core::WorkItem& item) {
  const Block block = block_of(p, item);
  const auto tiles = static_cast<std::size_t>(block.k_blocks);
  std::vector<long double> tile_max(tiles, -kInfinity), mass(tiles), mass_max(tiles);
  core::BlockStatistics statistics;
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const std::int64_t row = block.first_row + r;
    const std::vector<long double> scores = row_scores(p, inputs, item, row);
    long double lse = 0.0L;
    const auto all = [](std::size_t) { return true; };
    const std::vector<long double> weights = softmax(scores, all, lse);
    statistics.dense_lse.push_back(static_cast<double>(lse));
    for (std::int64_t n = 0; n < block.k_blocks; ++n) {
      const auto tile = static_cast<std::size_t>(n);
      if (tile_is_outside(p, block, n)) continue;
      long double share = 0.0L;
      const std::int64_t end = std::min((n + 1) * p.gate.k_block, p.kv_len);
      for (std::int64_t c = n * p.gate.k_block; c < end; ++c) {
        tile_max[tile] = maximum_or_nan(tile_max[tile], scores[static_cast<std::size_t>(c)]);
        share += weights[static_cast<std::size_t>(c)];
      }
      mass[tile] += share / static_cast<long double>(block.rows);
      mass_max[tile] = maximum_or_nan(mass_max[tile], share);
    }
  }
  statistics.item = item;
  statistics.rows = block.rows;
  statistics.tile_max.assign(tile_max.begin(), tile_max.end());
  statistics.tile_mass.assign(mass.begin(), mass.end());
  statistics.tile_mass_max.assign(mass_max.begin(), mass_max.end());
  for (const long double max : tile_max) {
    statistics.must_keep.push_back(std::isnan(max) || max == kInfinity ? 1 : 0);
  }
  return statistics;
}

core::BlockOutput brute_force_output(const core::Problem& p, const core::AttentionInputs& inputs,
                                     const core::WorkItem& item,
                                     const std::vector<core::TileCode>& mask) {
  const Block block = block_of(p, item);
  const std::int64_t kv_head = item.head / (p.heads / p.kv_heads);
  const auto part = [&](std::size_t c) {
    const std::int64_t n = static_cast<std::int64_t>(c) / p.gate.k_block;
    return core::takes_part(mask[static_cast<std::size_t>(n)]) && !tile_is_outside(p, block, n);
  };
  core::BlockOutput output;
  output.mask = mask;
  for (std::int64_t d = 0; d < p.head_dim; ++d) {
    bool exempt = false;
    for (std::int64_t c = 0; c < p.kv_len; ++c) {
      exempt |= part(static_cast<std::size_t>(c)) &&
                !std::isfinite(element(inputs.v, item.batch, kv_head, c, d));
    }
    output.exempt_channel.push_back(exempt ? 1 : 0);
  }
  for (std::int64_t r = 0; r < block.rows; ++r) {
    long double lse = 0.0L;
    const std::vector<long double> weights =
        softmax(row_scores(p, inputs, item, block.first_row + r), part, lse);
    output.lse.push_back(static_cast<double>(lse));
    for (std::int64_t d = 0; d < p.head_dim; ++d) {
      long double sum = 0.0L;
      for (std::int64_t c = 0; c < p.kv_len; ++c) {
        const auto column = static_cast<std::size_t>(c);
        if (part(column)) sum += weights[column] * element(inputs.v, item.batch, kv_head, c, d);
      }
      // A row whose weights are NaN is NaN even where nothing was added.
      output.o.push_back(static_cast<double>(std::isnan(lse) ? kNan : sum));
    }
  }
  return output;
}

}  // namespace bsfa::test
