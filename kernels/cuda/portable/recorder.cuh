// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <cuda/ptx>

#include "kernels/cuda/portable/work.cuh"

namespace bsfa::kernels::cuda {

__device__ __forceinline__ void report_tile(const Parameters& p, const Item& item,
                                            std::int64_t tile, float tile_max,
                                            bsfa_tile_code code) {
  if (p.tile_max.data != nullptr) {
    row_of<float>(p.tile_max, item.batch, item.head, item.q_block)[tile * p.tile_max_tile_stride] =
        tile_max;
  }
  if (p.mask.data != nullptr) {
    row_of<std::uint8_t>(p.mask, item.batch, item.head, item.q_block)[tile * p.mask_tile_stride] =
        static_cast<std::uint8_t>(code);
  }
}

/// Tiles that nothing was computed of. By all threads.
__device__ __forceinline__ void report_outside(const Parameters& p, const Item& item) {
  for (int tile = item.visible + static_cast<int>(threadIdx.x); tile < p.k_blocks;
       tile += static_cast<int>(blockDim.x)) {
    report_tile(p, item, tile, -INFINITY, BSFA_TILE_OUTSIDE);
  }
}

/// What a CTA counted for its work record.
struct WorkCounts {
  std::uint32_t kept : 31 = 0;    ///< gate tiles, diagonal included
  std::uint32_t special : 1 = 1;  ///< in one register with it: the warp has special rows
  std::uint32_t qk_products = 0;  ///< compute tiles
  std::uint32_t pv_products = 0;
};

/// Work records: one a CTA, and where they are wanted one more for each warp.
struct WorkReport {
  std::uint64_t start = now();

  __device__ __forceinline__ static std::uint64_t now() {
    return ::cuda::ptx::get_sreg_globaltimer();
  }

  /// By all threads: how many records there are, those of items outside the problem counted in.
  __device__ __forceinline__ void write_count(const Parameters& p) const {
    if (blockIdx.x == 0 && threadIdx.x == 0 && p.record_count != nullptr) {
      *p.record_count = std::uint64_t{p.items} * p.records_per_item;
    }
  }

  /// By all threads, at the end of their work.
  __device__ __forceinline__ void write(const Parameters& p, const Item& item,
                                        const WorkCounts& counts) const {
    if (p.records == nullptr || threadIdx.x % 32 != 0) return;
    const std::uint64_t end = now();
    const auto warp = static_cast<int>(threadIdx.x / 32);
    const std::uint64_t first = std::uint64_t{blockIdx.x} * p.records_per_item;
    if (warp == 0) put(p, item, counts, first, -1, end);
    if (p.records_per_item > 1) {
      put(p, item, counts, first + 1 + static_cast<unsigned>(warp), warp, end);
    }
  }

 private:
  __device__ __forceinline__ void put(const Parameters& p, const Item& item,
                                      const WorkCounts& counts, std::uint64_t index, int warp,
                                      std::uint64_t end) const {
    if (index >= p.record_capacity) return;
    auto& record = *reinterpret_cast<bsfa_work_record*>(p.records + index * p.record_size);
    record.batch = item.batch;
    record.head = item.head;
    record.q_block = item.q_block;
    record.k_block_begin = 0;
    record.k_block_end = item.visible;
    record.pass = 0;
    record.unit = ::cuda::ptx::get_sreg_smid();
    record.cta = blockIdx.x;
    record.warp = warp;
    record.clock_domain = BSFA_CLOCK_GLOBALTIMER_NS;
    record.start = start;
    record.end = end;
    record.tiles_seen = static_cast<std::uint64_t>(item.visible);
    record.tiles_kept = counts.kept;
    record.qk_products = counts.qk_products;
    record.pv_products = counts.pv_products;
  }
};

}  // namespace bsfa::kernels::cuda
