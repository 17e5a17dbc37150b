// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/verdict.h"
#include "traces/reader.h"

namespace bsfa::cli {

/// One checked Q block of a trace. NaN, or none, where the trace does not say.
struct BlockRow {
  std::int64_t layer = 0, sequence = 0, head = 0, q_block = 0;
  std::optional<analysis::TileCounts> tiles;  ///< under the kernel's mask, else the reference's
  double threshold, retained_mass, retained_mass_min, certificate, error_arithmetic, error_method;
  std::optional<std::uint32_t> ties, violations;
};

/// The mask under which a head was judged, the kernel's where it reported one: [rows, k_blocks].
std::optional<std::vector<std::uint8_t>> judged_mask_of(const traces::TraceReader& reader,
                                                        std::int64_t layer, std::int64_t sequence,
                                                        std::int64_t head);

/// Whether the trace holds a Q block of a head.
bool is_held(const traces::Sequence& sequence, std::int64_t head, std::int64_t row);

analysis::TileCounts count_tiles(const std::uint8_t* codes, std::int64_t k_blocks);

/// Every checked Q block of one sequence, head by head. Errors: core::InputError.
std::vector<BlockRow> block_rows(const traces::TraceReader& reader, std::int64_t layer,
                                 std::int64_t sequence);

/// Tiles of all rows together; none if the trace holds no mask.
std::optional<analysis::TileCounts> pooled(const std::vector<BlockRow>& rows);
/// Largest value of a column; NaN counts as none.
double largest(const std::vector<BlockRow>& rows, double BlockRow::*column);

}  // namespace bsfa::cli
