// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cpu {

/// Address of element (i, j, r, 0) of a caller's tensor.
template <typename T>
T* at(const bsfa_tensor& tensor, std::int64_t i, std::int64_t j, std::int64_t r) {
  return static_cast<T*>(tensor.data) + i * tensor.stride[0] + j * tensor.stride[1] +
         r * tensor.stride[2];
}

/// What one Q block sees, in gate tiles: [0, visible), of which [diagonal_begin, diagonal_end) are
/// diagonal.
struct BlockView {
  std::int64_t batch, head, kv_head, q_block;
  std::int64_t first_row, rows;  ///< valid rows of Q
  std::int64_t position;         ///< absolute position of the first row
  std::int64_t diagonal_begin, diagonal_end, visible;
};

/// A planned problem and the buffers of one run.
struct Launch {
  bsfa_problem problem;
  bsfa_arguments arguments;

  std::int64_t q_blocks() const {
    return (problem.q_len + problem.gate_q_block - 1) / problem.gate_q_block;
  }
  std::int64_t k_blocks() const {
    return (problem.kv_len + problem.gate_k_block - 1) / problem.gate_k_block;
  }

  BlockView view(std::int64_t batch, std::int64_t head, std::int64_t q_block) const {
    BlockView block{};
    block.batch = batch;
    block.head = head;
    block.kv_head = head / (problem.heads / problem.kv_heads);
    block.q_block = q_block;
    block.first_row = q_block * problem.gate_q_block;
    block.rows = std::min<std::int64_t>(problem.gate_q_block, problem.q_len - block.first_row);
    block.position = problem.kv_len - problem.q_len + block.first_row;
    block.diagonal_begin = block.position / problem.gate_k_block;
    block.diagonal_end = (block.position + block.rows - 1) / problem.gate_k_block + 1;
    block.visible = problem.causal != 0 ? block.diagonal_end : k_blocks();
    return block;
  }

  /// -inf where gating is off, so that one comparison serves both.
  float threshold(const BlockView& block) const {
    if (problem.gate_kind != BSFA_GATE_ABSOLUTE) return -std::numeric_limits<float>::infinity();
    const std::int64_t last = arguments.threshold_blocks - 1;
    const std::int64_t index = std::min(block.position / problem.gate_q_block, last);
    return *at<const float>(arguments.thresholds, block.batch, block.head, index);
  }

  /// What the given mask says of a tile.
  bool mask_keeps(const BlockView& block, std::int64_t tile) const {
    const bsfa_tensor& mask = arguments.mask_in;
    return at<const std::uint8_t>(mask, block.batch, block.head,
                                  block.q_block)[tile * mask.stride[3]] >= BSFA_TILE_KEPT;
  }
};

}  // namespace bsfa::kernels::cpu
