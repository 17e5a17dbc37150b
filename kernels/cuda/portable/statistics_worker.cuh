// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/ordered_float.cuh"
#include "kernels/cuda/portable/parameters.h"
#include "kernels/cuda/portable/shared_tile.cuh"
#include "kernels/cuda/portable/warp_tile.cuh"
#include "kernels/cuda/ptx/shared_memory.cuh"

// What the statistics kernel is compiled for, where things lie in shared memory, and what a warp
// finds in a tile.
namespace bsfa::kernels::cuda {

/// Everything that is fixed when an instance is compiled.
template <typename Half_, int kHeadDim_, int kGateQ, int kGateK, bool kWithMass_>
struct StatisticsConfig {
  using Half = Half_;
  static constexpr int kHeadDim = kHeadDim_, kSteps = kHeadDim / 16;
  static constexpr bool kWithMass = kWithMass_;
  static constexpr int kRows = kGateQ, kGateColumns = kGateK;
  static constexpr int kColumns = 64, kScoreTiles = kColumns / 8;
  static constexpr int kTilesPerGate = kGateColumns / kColumns;
  static constexpr int kWarps = kRows / kWarpRows, kThreads = kWarps * 32;
  static constexpr int kCtasPerSm = 12 / kWarps;
  /// With 64 rows six CTAs share an SM, and its shared memory.
  static constexpr int kKeyStages = kRows == 64 ? 2 : 3;

  static_assert(kHeadDim == 64 || kHeadDim == 128, "rows are whole swizzle spans");
  static_assert(kTilesPerGate < kKeyStages, "what is copied inside the loop is whole");
  static_assert(kRows <= (kKeyStages - 1) * kColumns, "Q has room in the places of K");
};

/// Offsets into dynamic shared memory.
template <typename C>
struct StatisticsStorage {
  static constexpr std::uint32_t kTileBytes = C::kColumns * kRowBytes<C::kHeadDim>;
  static constexpr std::uint32_t kKeys = 0, kQueries = kTileBytes;
  static constexpr std::uint32_t kPosts = C::kKeyStages * kTileBytes;
  /// Of one gate tile: for each warp its maximum, its mass and its largest share of a row.
  static constexpr std::uint32_t kSetBytes = 3 * C::kWarps * sizeof(std::uint32_t);
  static constexpr std::uint32_t kShifts = kPosts + 2 * kSetBytes;  ///< one for each row
  static constexpr std::uint32_t kBytes = kShifts + (C::kWithMass ? C::kRows * sizeof(float) : 0);
  static_assert(C::kCtasPerSm * (kBytes + 1024) <= 228 * 1024, "an SM of sm_90 has room");
};

template <typename C>
struct RowShares;

/// What a warp finds in one gate tile.
template <typename C>
struct Findings {
  float largest = -INFINITY;  ///< of a thread's scores, unscaled
  float sum[4] = {};          ///< of exponentials in a thread's rows, over its own columns

  __device__ __forceinline__ void add(Scores<C::kScoreTiles>& s, const RowShares<C>& shares) {
    float maxima[4];
    find_maxima(s, maxima);
    largest = ptx::max_or_nan(largest, largest_of(maxima));
    if constexpr (C::kWithMass) shares.add_exponentials(s, sum);
  }
};

/// A thread's view of the CTA's work.
template <typename C>
struct StatisticsWorker {
  using Storage = StatisticsStorage<C>;
  const Parameters& p;
  Item item;
  std::uint32_t shared;       ///< address of dynamic shared memory
  const unsigned char* keys;  ///< of the kv head
  int thread;

  /// The same, with everything that depends on the thread to be derived again: between two tiles Q
  /// and S leave few registers.
  __device__ __forceinline__ StatisticsWorker again() const {
    StatisticsWorker copy = *this;
    copy.thread = static_cast<int>(ptx::opaque(static_cast<std::uint32_t>(thread)));
    return copy;
  }

  __device__ __forceinline__ int lane() const { return thread % 32; }
  __device__ __forceinline__ int warp() const { return thread / 32; }
  __device__ __forceinline__ TileLoader<C::kHeadDim, C::kThreads> loader() const {
    return TileLoader<C::kHeadDim, C::kThreads>(thread);
  }
  __device__ __forceinline__ std::int64_t key_stride() const { return 2 * p.k.row_stride; }
  __device__ __forceinline__ std::uint32_t key_tile(int stage) const {
    return shared + Storage::kKeys + stage * Storage::kTileBytes;
  }
  __device__ __forceinline__ std::uint32_t query_tile() const { return shared + Storage::kQueries; }
  __device__ __forceinline__ std::uint32_t key_lane(int stage) const {
    return key_tile(stage) + Fragments<C::kHeadDim>::chunks_first(lane());
  }
  __device__ __forceinline__ std::uint32_t query_lane() const {
    return query_tile() + warp() * kWarpRows * kRowBytes<C::kHeadDim> +
           Fragments<C::kHeadDim>::rows_first(lane());
  }
  __device__ __forceinline__ std::uint32_t shift_of(int row) const {
    return shared + Storage::kShifts + row * sizeof(float);
  }
  /// Steps from the first on in which entries are hidden.
  __device__ __forceinline__ int hidden_steps() const {
    return item.visible - item.first_hidden / C::kGateColumns;
  }

  /// Writes what the warp found where `collect` of the same step reads it, after a barrier. The
  /// place is written again two steps later.
  __device__ __forceinline__ void post(int step, const Findings<C>& found) const {
    const std::int32_t largest = __reduce_max_sync(0xFFFFFFFFU, ordered_from_float(found.largest));
    const std::uint32_t at = post_of(step, warp());
    if (lane() == 0) ptx::store_shared(at, static_cast<std::uint32_t>(largest));
    if constexpr (C::kWithMass) {
      float total = 0.0F, most = 0.0F;
#pragma unroll
      for (int r = 0; r < 4; ++r) {
        const float share = row_sum(found.sum[r]);
        total += share;
        most = ptx::max_or_nan(most, share);
      }
#pragma unroll
      for (int lanes = 4; lanes < 32; lanes *= 2) {
        total += __shfl_xor_sync(0xFFFFFFFFU, total, lanes);
      }
      const std::int32_t largest_share = __reduce_max_sync(0xFFFFFFFFU, ordered_from_float(most));
      if (lane() != 0) return;
      ptx::store_shared(at + 4, __float_as_uint(total));
      ptx::store_shared(at + 8, static_cast<std::uint32_t>(largest_share));
    }
  }

  /// The posts of all warps become the statistics of a tile. By one thread, each time of another
  /// warp, so that none falls behind.
  __device__ __forceinline__ void collect(int step) const {
    if (thread != step % C::kWarps * 32) return;
    auto largest = static_cast<std::int32_t>(ptx::load_shared(post_of(step, 0)));
#pragma unroll
    for (int of = 1; of < C::kWarps; ++of) {
      largest = max(largest, static_cast<std::int32_t>(ptx::load_shared(post_of(step, of))));
    }
    const int tile = item.visible - 1 - step;
    put(p.tile_max, p.tile_max_tile_stride, tile, p.scale * float_from_ordered(largest));
    if constexpr (C::kWithMass) {
      float total = 0.0F;
      std::int32_t most = 0;
#pragma unroll
      for (int of = 0; of < C::kWarps; ++of) {
        total += __uint_as_float(ptx::load_shared(post_of(step, of) + 4));
        most = max(most, static_cast<std::int32_t>(ptx::load_shared(post_of(step, of) + 8)));
      }
      put(p.tile_mass, p.tile_mass_tile_stride, tile, total / static_cast<float>(item.rows));
      put(p.tile_mass_max, p.tile_mass_max_tile_stride, tile, float_from_ordered(most));
    }
  }

  /// Tiles that nothing was computed of. By all threads.
  __device__ __forceinline__ void report_outside() const {
    for (int tile = item.visible + thread; tile < p.k_blocks; tile += C::kThreads) {
      put(p.tile_max, p.tile_max_tile_stride, tile, -INFINITY);
      if constexpr (C::kWithMass) {
        put(p.tile_mass, p.tile_mass_tile_stride, tile, 0.0F);
        put(p.tile_mass_max, p.tile_mass_max_tile_stride, tile, 0.0F);
      }
    }
  }

 private:
  __device__ __forceinline__ std::uint32_t post_of(int step, int of_warp) const {
    return shared + Storage::kPosts + (step & 1) * Storage::kSetBytes + of_warp * 12;
  }
  __device__ __forceinline__ void put(const DeviceTensor& to, std::int64_t tile_stride,
                                      std::int64_t tile, float value) const {
    if (to.data == nullptr) return;
    row_of<float>(to, item.batch, item.head, item.q_block)[tile * tile_stride] = value;
  }
};

/// The normalisers of a warp's rows: LSE in units of log2. They lie in shared memory, since Q and S
/// leave no registers for them.
template <typename C>
struct RowShares {
  float scale_log2;
  std::uint32_t shifts;  ///< of the thread's first row

  /// By all lanes of a warp, for itself. A row without a dense softmax has shares of NaN; one of
  /// nothing but -inf, or beyond Q, of 0.
  explicit __device__ __forceinline__ RowShares(const StatisticsWorker<C>& w)
      : scale_log2(w.p.scale_log2), shifts(w.shift_of(w.warp() * kWarpRows + w.lane() / 4)) {
    if constexpr (C::kWithMass) {
      constexpr float kLog2E = 0x1.715476p+0F;
      const int row = w.warp() * kWarpRows + w.lane();
      float shift = INFINITY;
      if (row < w.item.rows) {
        const float lse =
            *row_of<const float>(w.p.lse_in, w.item.batch, w.item.head, w.item.first_row + row);
        if (lse != -INFINITY) shift = lse == INFINITY ? NAN : kLog2E * lse;
      }
      ptx::store_shared(w.shift_of(row), __float_as_uint(shift));
      __syncwarp();
    }
  }

  __device__ __forceinline__ void add_exponentials(const Scores<C::kScoreTiles>& s,
                                                   float (&sum)[4]) const {
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      const float shift = __uint_as_float(ptx::load_shared(shifts + r * 8 * sizeof(float)));
#pragma unroll
      for (int n = 0; n < C::kScoreTiles; ++n) {
#pragma unroll
        for (int e = 0; e < 2; ++e) {
          sum[r] += ptx::exp2_approx(__fmaf_rn(s[r / 2][n][2 * (r % 2) + e], scale_log2, -shift));
        }
      }
    }
  }
};

}  // namespace bsfa::kernels::cuda
