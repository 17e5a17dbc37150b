// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/problem.h"

namespace bsfa::core {

/// Where a tile lies relative to its own rows' positions.
enum class TilePlace : std::uint8_t {
  kOutside,      ///< causality masks all of it
  kDiagonal,     ///< its columns overlap the positions of its Q block; always kept
  kOffDiagonal,  ///< decided by the gate
};

/// A half-open range of block or row indices.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const noexcept { return end - begin; }
  bool contains(std::int64_t i) const noexcept { return i >= begin && i < end; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// The grid of tiles of one head: Q blocks m against K blocks n.
///
/// Every head and batch of a problem shares it. All functions are O(1).
class TileGeometry {
 public:
  explicit TileGeometry(const Problem& problem) noexcept;

  std::int64_t q_blocks() const noexcept { return q_blocks_; }
  std::int64_t k_blocks() const noexcept { return k_blocks_; }

  /// Rows of Q (0 .. M) in block m, the last block possibly short.
  Range q_rows(std::int64_t m) const noexcept;
  /// Columns (0 .. N) in block n, the last block possibly short.
  Range k_columns(std::int64_t n) const noexcept;

  /// Absolute position of block m's first row, p0.
  std::int64_t position(std::int64_t m) const noexcept;
  /// Absolute position of query row i.
  std::int64_t row_position(std::int64_t row) const noexcept { return offset_ + row; }
  /// Columns that query row i may see: [0, end).
  std::int64_t visible_columns(std::int64_t row) const noexcept;

  /// K blocks that are not outside for block m; they always start at 0.
  std::int64_t visible_k_blocks(std::int64_t m) const noexcept;
  /// K blocks that are diagonal for block m, never empty.
  Range diagonal_k_blocks(std::int64_t m) const noexcept;
  TilePlace place(std::int64_t m, std::int64_t n) const noexcept;
  /// Off-diagonal tiles of block m.
  std::int64_t off_diagonal_count(std::int64_t m) const noexcept;

  /// Index of block m in a threshold row of `blocks` entries: min(p0 / Bq, blocks - 1).
  std::int64_t threshold_index(std::int64_t m, std::int64_t blocks) const noexcept;

 private:
  std::int64_t q_len_, kv_len_, offset_, q_block_, k_block_, q_blocks_, k_blocks_;
  bool causal_;
};

}  // namespace bsfa::core
