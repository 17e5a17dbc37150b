// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bsfa::kernels::cuda {

/// A tensor as device code sees it; strides in elements over batch, head and row (or Q block).
struct DeviceTensor {
  void* data;
  std::int64_t batch_stride, head_stride, row_stride;
};

/// What a launch hands to the device: a problem and its buffers, checked on the host.
struct Parameters {
  DeviceTensor q, k, v;
  DeviceTensor o, lse;      ///< data null: not wanted
  DeviceTensor thresholds;  ///< fp32, row: threshold block
  DeviceTensor mask;        ///< bytes, row: Q block
  DeviceTensor tile_max;    ///< fp32, row: Q block
  std::int64_t mask_tile_stride, tile_max_tile_stride;
  std::int32_t threshold_blocks;

  const unsigned char* work_items;  ///< null: the whole problem
  std::uint64_t work_item_size;
  unsigned char* records;
  std::uint64_t record_capacity, record_size;
  std::uint64_t* record_count;
  std::uint32_t records_per_item;  ///< 1, or 1 and one for each warp
  std::uint32_t items;             ///< CTAs

  std::int32_t batch, heads, group;  ///< group: query heads on one kv head
  std::int32_t q_len, kv_len;
  std::int32_t q_blocks, k_blocks;
  std::int32_t causal;
  std::int32_t section;  ///< heads whose Q blocks run interleaved, so that they share L2
  float scale;           ///< natural units
  float scale_log2;      ///< scale · log2(e)
  float slack;           ///< 8 / scale_log2: scores may exceed the running maximum by so much

  DeviceTensor lse_in;                    ///< fp32, row: query row
  DeviceTensor tile_mass, tile_mass_max;  ///< fp32, row: Q block
  std::int64_t tile_mass_tile_stride, tile_mass_max_tile_stride;
};

}  // namespace bsfa::kernels::cuda
