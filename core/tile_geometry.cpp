// SPDX-License-Identifier: Apache-2.0
#include "core/tile_geometry.h"

#include <algorithm>

namespace bsfa::core {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

TileGeometry::TileGeometry(const Problem& p) noexcept
    : q_len_(p.q_len),
      kv_len_(p.kv_len),
      offset_(p.kv_len - p.q_len),
      q_block_(p.gate.q_block),
      k_block_(p.gate.k_block),
      q_blocks_(ceil_div(p.q_len, p.gate.q_block)),
      k_blocks_(ceil_div(p.kv_len, p.gate.k_block)),
      causal_(p.causal) {}

Range TileGeometry::q_rows(std::int64_t m) const noexcept {
  return {m * q_block_, std::min((m + 1) * q_block_, q_len_)};
}

Range TileGeometry::k_columns(std::int64_t n) const noexcept {
  return {n * k_block_, std::min((n + 1) * k_block_, kv_len_)};
}

std::int64_t TileGeometry::position(std::int64_t m) const noexcept {
  return offset_ + m * q_block_;
}

std::int64_t TileGeometry::visible_columns(std::int64_t row) const noexcept {
  return causal_ ? offset_ + row + 1 : kv_len_;
}

std::int64_t TileGeometry::visible_k_blocks(std::int64_t m) const noexcept {
  return causal_ ? diagonal_k_blocks(m).end : k_blocks_;
}

Range TileGeometry::diagonal_k_blocks(std::int64_t m) const noexcept {
  // The positions of a short last block end at N, so its missing rows overlap no column.
  const std::int64_t first = position(m);
  const std::int64_t last = std::min(first + q_block_, kv_len_) - 1;
  return {first / k_block_, last / k_block_ + 1};
}

TilePlace TileGeometry::place(std::int64_t m, std::int64_t n) const noexcept {
  const Range diagonal = diagonal_k_blocks(m);
  if (diagonal.contains(n)) return TilePlace::kDiagonal;
  return causal_ && n >= diagonal.end ? TilePlace::kOutside : TilePlace::kOffDiagonal;
}

std::int64_t TileGeometry::off_diagonal_count(std::int64_t m) const noexcept {
  return visible_k_blocks(m) - diagonal_k_blocks(m).size();
}

std::int64_t TileGeometry::threshold_index(std::int64_t m, std::int64_t blocks) const noexcept {
  return std::min(position(m) / q_block_, blocks - 1);
}

}  // namespace bsfa::core
