// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "gui/models/block_table.h"

namespace bsfa::gui {
namespace {

/// A tie is no fault; it ranks below any violation.
constexpr double kTieShare = 1e-3;

template <typename T>
std::optional<T> at(const std::optional<std::vector<T>>& values, std::size_t slot) {
  if (!values) return std::nullopt;
  return (*values)[slot];
}

std::optional<double> widened(const std::optional<float>& value) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

/// Whether the masks say different things of a tile; codes that nobody wrote say nothing.
Disagreement disagreement_at(const HeadArrays& head, std::size_t tile) {
  const std::uint8_t reference = (*head.mask_reference)[tile], kernel = (*head.mask_kernel)[tile];
  if (reference == kernel || reference == 255 || kernel == 255) return Disagreement::kNone;
  if (reference == 1 && kernel == 2) return Disagreement::kKernelKeeps;
  if (reference == 2 && kernel == 1) return Disagreement::kKernelSkips;
  return Disagreement::kOther;
}

bool has_both_masks(const HeadArrays& head) {
  return head.mask_reference && head.mask_kernel;
}

TilePlace place_of(const HeadArrays& head, std::int64_t row, std::int64_t column) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::size_t tile = head.index(row, column);
  TilePlace place;
  place.q_block = head.q_blocks[static_cast<std::size_t>(row)];
  place.k_block = column;
  if (has_both_masks(head)) place.disagreement = disagreement_at(head, tile);
  place.tile_max = head.tile_max ? (*head.tile_max)[tile] : kNan;
  place.margin =
      head.threshold ? place.tile_max - (*head.threshold)[static_cast<std::size_t>(row)] : kNan;
  const auto* mask = head.mask_kernel ? &*head.mask_kernel : nullptr;
  if (mask == nullptr && head.mask_reference) mask = &*head.mask_reference;
  const bool skipped = mask != nullptr && (*mask)[tile] == 1;
  if (skipped && head.tile_mass) place.lost_mass = (*head.tile_mass)[tile];
  return place;
}

/// Sorts what is worst to the front; NaN is worse than any number.
bool worse(const TilePlace& a, const TilePlace& b) {
  const auto rank = [](const TilePlace& place) {
    const bool nan = std::isnan(place.lost_mass);
    return std::tuple(place.disagreement != Disagreement::kNone, nan, nan ? 0.0F : place.lost_mass);
  };
  return rank(a) > rank(b);
}

}  // namespace

BlockFigures block_figures(const traces::Sequence& s, std::int64_t head, std::int64_t row) {
  const auto slot = static_cast<std::size_t>(head * s.shape.rows + row);
  BlockFigures out;
  out.head = head;
  out.q_block = s.q_blocks[static_cast<std::size_t>(row)];
  out.checked = !s.held || (*s.held)[slot] != 0;
  out.threshold = at(s.threshold, slot);
  out.arithmetic = at(s.error_arithmetic, slot);
  out.method = at(s.error_method, slot);
  out.retained_mass = at(s.retained_mass, slot);
  out.retained_mass_min = at(s.retained_mass_min, slot);
  out.certificate = at(s.certificate, slot);
  out.ties = at(s.gating_ties, slot);
  out.violations = at(s.gating_violations, slot);
  return out;
}

QString name_of(BlockError error) {
  switch (error) {
    case BlockError::kArithmetic:
      return QStringLiteral("arithmetic");
    case BlockError::kGating:
      return QStringLiteral("gating");
    case BlockError::kMethod:
      return QStringLiteral("method");
  }
  return {};
}

std::optional<double> value_of(const BlockFigures& block, BlockError error) {
  if (!block.checked) return std::nullopt;
  switch (error) {
    case BlockError::kArithmetic:
      return widened(block.arithmetic);
    case BlockError::kGating:
      if (!block.violations && !block.ties) return std::nullopt;
      return static_cast<double>(block.violations.value_or(0)) +
             kTieShare * static_cast<double>(block.ties.value_or(0));
    case BlockError::kMethod:
      return widened(block.method);
  }
  return std::nullopt;
}

std::vector<float> error_strip(const traces::Sequence& sequence, std::int64_t head,
                               BlockError error) {
  std::vector<float> strip;
  if (head < 0 || head >= sequence.shape.heads) return strip;
  for (std::int64_t row = 0; row < sequence.shape.rows; ++row) {
    const auto value = value_of(block_figures(sequence, head, row), error);
    strip.push_back(value ? static_cast<float>(*value) : std::numeric_limits<float>::quiet_NaN());
  }
  return strip;
}

bool is_fault(const BlockFigures& block, BlockError error) {
  if (!block.checked) return false;
  if (error == BlockError::kArithmetic) return block.arithmetic && !(*block.arithmetic <= 1.0F);
  return error == BlockError::kGating && block.violations.value_or(0) > 0;
}

std::vector<BlockPlace> worst_blocks(const traces::Sequence& sequence, BlockError error,
                                     std::size_t count) {
  struct Ranked {
    double error;
    BlockPlace place;
  };
  std::vector<Ranked> all;
  for (std::int64_t head = 0; head < sequence.shape.heads; ++head) {
    for (std::int64_t row = 0; row < sequence.shape.rows; ++row) {
      const BlockFigures block = block_figures(sequence, head, row);
      const auto value = value_of(block, error);
      if (!value || *value == 0.0) continue;
      all.push_back({std::isnan(*value) ? HUGE_VAL : *value, {head, block.q_block}});
    }
  }
  const auto wanted = static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::partial_sort(all.begin(), all.begin() + wanted, all.end(),
                    [](const Ranked& a, const Ranked& b) {
                      return a.error != b.error ? a.error > b.error : a.place < b.place;
                    });
  std::vector<BlockPlace> places;
  for (std::ptrdiff_t i = 0; i < wanted; ++i)
    places.push_back(all[static_cast<std::size_t>(i)].place);
  return places;
}

std::optional<BlockPlace> next_fault(const traces::Sequence& sequence, BlockPlace from,
                                     bool backward) {
  const std::int64_t rows = sequence.shape.rows, total = sequence.shape.heads * rows;
  if (total == 0) return std::nullopt;
  const auto row_at =
      std::lower_bound(sequence.q_blocks.begin(), sequence.q_blocks.end(), from.q_block) -
      sequence.q_blocks.begin();
  const std::int64_t head = std::clamp<std::int64_t>(from.head, 0, sequence.shape.heads - 1);
  const bool on_row =
      row_at < rows && sequence.q_blocks[static_cast<std::size_t>(row_at)] == from.q_block;
  // Between two rows the one ahead is the next to be looked at.
  std::int64_t start = head * rows + row_at;
  if (!on_row && !backward) --start;
  for (std::int64_t step = 1; step <= total; ++step) {
    const std::int64_t slot = ((start + (backward ? -step : step)) % total + total) % total;
    const BlockFigures block = block_figures(sequence, slot / rows, slot % rows);
    if (is_fault(block, BlockError::kGating) || is_fault(block, BlockError::kArithmetic))
      return BlockPlace{block.head, block.q_block};
  }
  return std::nullopt;
}

std::vector<TilePlace> worst_tiles(const HeadArrays& head, std::size_t count) {
  std::vector<TilePlace> worst;
  if (!has_both_masks(head) && !head.tile_mass) return worst;
  if (count == 0) return worst;
  // More than enough is gathered, then cut back to the worst; what is no worse than all of those
  // need not be gathered any more.
  const std::size_t most = 2 * count + 64;
  std::optional<TilePlace> least;
  for (std::int64_t row = 0; row < head.rows(); ++row) {
    if (!head.checked(row)) continue;
    for (std::int64_t column = 0; column < head.k_blocks; ++column) {
      const TilePlace place = place_of(head, row, column);
      if (place.disagreement == Disagreement::kNone && place.lost_mass == 0.0F) continue;
      if (least && !worse(place, *least)) continue;
      worst.push_back(place);
      if (worst.size() < most) continue;
      const auto last = worst.begin() + static_cast<std::ptrdiff_t>(count - 1);
      std::nth_element(worst.begin(), last, worst.end(), worse);
      worst.erase(last + 1, worst.end());
      least = worst.back();
    }
  }
  std::stable_sort(worst.begin(), worst.end(), worse);
  if (worst.size() > count) worst.resize(count);
  return worst;
}

std::vector<std::int64_t> disagreeing_tiles(const HeadArrays& head, std::int64_t row) {
  std::vector<std::int64_t> columns;
  if (!has_both_masks(head) || row < 0 || row >= head.rows()) return columns;
  for (std::int64_t column = 0; column < head.k_blocks; ++column) {
    if (disagreement_at(head, head.index(row, column)) != Disagreement::kNone)
      columns.push_back(column);
  }
  return columns;
}

}  // namespace bsfa::gui
