// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/parameters.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cuda {

/// Address of element (batch, head, row, 0).
template <typename T>
__device__ __forceinline__ T* row_of(const DeviceTensor& tensor, int batch, int head,
                                     std::int64_t row) {
  return static_cast<T*>(tensor.data) +
         (batch * tensor.batch_stride + head * tensor.head_stride + row * tensor.row_stride);
}

/// One Q block of one head, and what of K it sees, in gate tiles.
struct Item {
  int batch, head, q_block;
  int first_row, rows;  ///< valid rows of Q
  int position;         ///< absolute position of the first row
  int diagonal_begin, diagonal_end, visible;
  int first_hidden;  ///< columns from here on are hidden from some row, or do not exist
  bool causal;
  int kv_len;

  /// Columns that the block's row may see: [0, end).
  __device__ __forceinline__ int visible_columns(int row) const {
    return causal ? min(position + row + 1, kv_len) : kv_len;
  }
  __device__ __forceinline__ bool diagonal(int tile) const {
    return tile >= diagonal_begin && tile < diagonal_end;
  }
};

/// Which Q block this CTA computes: long ones first, heads that fit the second-level cache together
/// side by side. False where a work list names one outside the problem.
__device__ __forceinline__ bool choose_block(const Parameters& p, Item& item) {
  if (p.work_items != nullptr) {
    const auto* given =
        reinterpret_cast<const bsfa_work_item*>(p.work_items + blockIdx.x * p.work_item_size);
    item.batch = given->batch;
    item.head = given->head;
    item.q_block = given->q_block;
    return item.batch >= 0 && item.batch < p.batch && item.head >= 0 && item.head < p.heads &&
           item.q_block >= 0 && item.q_block < p.q_blocks;
  }
  const auto q_blocks = static_cast<unsigned>(p.q_blocks);
  const auto section = static_cast<unsigned>(p.section);
  const unsigned first_head = blockIdx.x / (section * q_blocks) * section;
  const unsigned heads = min(section, static_cast<unsigned>(p.batch * p.heads) - first_head);
  const unsigned within = blockIdx.x - first_head * q_blocks;
  const unsigned head = first_head + within % heads;
  item.batch = static_cast<int>(head / static_cast<unsigned>(p.heads));
  item.head = static_cast<int>(head % static_cast<unsigned>(p.heads));
  item.q_block = static_cast<int>(q_blocks - 1 - within / heads);
  return true;
}

/// A value that all threads of the warp hold, told so that the compiler keeps it in a uniform
/// register.
__device__ __forceinline__ int uniform(int x) {
  return __shfl_sync(0xFFFFFFFFU, x, 0);
}

template <int kRows, int kColumns>
__device__ __forceinline__ bool choose_item(const Parameters& p, Item& item) {
  if (!choose_block(p, item)) return false;
  item.batch = uniform(item.batch);
  item.head = uniform(item.head);
  item.q_block = uniform(item.q_block);
  item.first_row = item.q_block * kRows;
  item.rows = min(kRows, p.q_len - item.first_row);
  item.position = p.kv_len - p.q_len + item.first_row;
  item.diagonal_begin = item.position / kColumns;
  item.diagonal_end = (item.position + item.rows - 1) / kColumns + 1;
  item.causal = p.causal != 0;
  item.visible = item.causal ? item.diagonal_end : p.k_blocks;
  item.kv_len = p.kv_len;
  item.first_hidden = item.rows < kRows ? 0 : item.visible_columns(0);
  return true;
}

}  // namespace bsfa::kernels::cuda
