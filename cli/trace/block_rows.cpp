// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/block_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/mask.h"

namespace bsfa::cli {
namespace {

double value(const std::optional<std::vector<float>>& column, std::size_t slot) {
  return column ? static_cast<double>((*column)[slot]) : std::numeric_limits<double>::quiet_NaN();
}

std::optional<std::uint32_t> value(const std::optional<std::vector<std::uint32_t>>& column,
                                   std::size_t slot) {
  return column ? std::optional((*column)[slot]) : std::nullopt;
}

BlockRow row_at(const traces::Sequence& s, std::int64_t head, std::int64_t row) {
  const auto slot = static_cast<std::size_t>(head * s.shape.rows + row);
  BlockRow block{};
  block.head = head;
  block.q_block = s.q_blocks[static_cast<std::size_t>(row)];
  block.threshold = value(s.threshold, slot);
  block.retained_mass = value(s.retained_mass, slot);
  block.retained_mass_min = value(s.retained_mass_min, slot);
  block.certificate = value(s.certificate, slot);
  block.error_arithmetic = value(s.error_arithmetic, slot);
  block.error_method = value(s.error_method, slot);
  block.ties = value(s.gating_ties, slot);
  block.violations = value(s.gating_violations, slot);
  return block;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> judged_mask_of(const traces::TraceReader& reader,
                                                        std::int64_t layer, std::int64_t sequence,
                                                        std::int64_t head) {
  auto mask = reader.head(layer, sequence, traces::MaskField::kKernel, head);
  return mask ? std::move(mask) : reader.head(layer, sequence, traces::MaskField::kReference, head);
}

bool is_held(const traces::Sequence& s, std::int64_t head, std::int64_t row) {
  return !s.held || (*s.held)[static_cast<std::size_t>(head * s.shape.rows + row)] != 0;
}

analysis::TileCounts count_tiles(const std::uint8_t* codes, std::int64_t k_blocks) {
  const auto number_of = [&](core::TileCode code) {
    return static_cast<std::int64_t>(
        std::count(codes, codes + k_blocks, static_cast<std::uint8_t>(code)));
  };
  const auto kept = number_of(core::TileCode::kKept);
  const auto skipped = number_of(core::TileCode::kSkipped);
  return {kept + skipped, kept, skipped, number_of(core::TileCode::kDiagonal)};
}

std::vector<BlockRow> block_rows(const traces::TraceReader& reader, std::int64_t layer,
                                 std::int64_t sequence) {
  const auto overview = reader.overview(layer, sequence);
  const auto& shape = overview.shape;
  std::vector<BlockRow> rows;
  for (std::int64_t head = 0; head < shape.heads; ++head) {
    const auto mask = judged_mask_of(reader, layer, sequence, head);
    for (std::int64_t row = 0; row < shape.rows; ++row) {
      if (!is_held(overview, head, row)) continue;
      BlockRow block = row_at(overview, head, row);
      block.layer = layer;
      block.sequence = sequence;
      if (mask) block.tiles = count_tiles(mask->data() + row * shape.k_blocks, shape.k_blocks);
      rows.push_back(block);
    }
  }
  return rows;
}

std::optional<analysis::TileCounts> pooled(const std::vector<BlockRow>& rows) {
  std::optional<analysis::TileCounts> sum;
  for (const auto& row : rows) {
    if (!row.tiles) continue;
    if (!sum) sum.emplace();
    *sum += *row.tiles;
  }
  return sum;
}

double largest(const std::vector<BlockRow>& rows, double BlockRow::*column) {
  double best = std::numeric_limits<double>::quiet_NaN();
  for (const auto& row : rows) best = std::fmax(best, row.*column);
  return best;
}

}  // namespace bsfa::cli
