// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/warp_tile.cuh"
#include "kernels/cuda/ptx/mbarrier.cuh"
#include "kernels/cuda/ptx/shared_memory.cuh"

// The running softmax of 32 rows, which two warps share: each has one half of every tile's columns,
// and of the channels of O. Both hold the same m; l is of a thread's own columns.
//
// m is raised only in rows that grew by more than 2^8. O / l is exact all the same, O is rarely
// scaled, and the two warps rarely have to agree on a maximum.
namespace bsfa::kernels::cuda {

template <int kHeadDim>
struct RowState {
  static constexpr int kTiles = kHeadDim / 2 / 8;
  static constexpr float kLargestGrowth = 8.0F;
  float output[2][kTiles][4] = {};
  /// m + 8 in units of log2; the m of a row is what comes back from taking 8 away.
  float limit[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
  float sum[4] = {};  ///< l

  /// Whether any of these maxima (unscaled) asks for a larger m; NaN does.
  __device__ __forceinline__ bool grows(const float (&maxima)[4], float scale_log2) const {
    bool any = false;
#pragma unroll
    for (int r = 0; r < 4; ++r) any |= !(maxima[r] * scale_log2 <= limit[r]);
    return any;
  }

  /// Raises m to the rows' maxima over both warps where it grows; `factor` brings what was summed
  /// before to the new m. `own` and `other` are addresses of 32 floats in shared memory that this
  /// warp and the other of the pair write; the two meet at barrier 1 + `pair`.
  __device__ __forceinline__ void raise(const float (&maxima)[4], float scale_log2,
                                        std::uint32_t own, std::uint32_t other, int pair,
                                        float (&factor)[4]) {
    const std::uint32_t lane = threadIdx.x % 32;
    float largest[4];
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      largest[r] = row_max(maxima[r]) * scale_log2;
      if (lane % 4 == 0)
        ptx::store_shared(own + (lane / 4 + r * 8) * 4, __float_as_uint(largest[r]));
    }
    ptx::named_barrier(1 + pair, 64);
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      const float theirs = __uint_as_float(ptx::load_shared(other + (lane / 4 + r * 8) * 4));
      largest[r] = ptx::max_or_nan(largest[r], theirs);
      if (!(largest[r] <= limit[r])) {
        const float before = maximum(r);
        limit[r] = largest[r] + kLargestGrowth;
        factor[r] = ptx::exp2_approx(before - maximum(r));
        sum[r] *= factor[r];
      }
    }
  }

  /// One accumulator of S becomes P in place, and adds to the row sums.
  __device__ __forceinline__ void exponentiate(float (&s)[4], int mi, float scale_log2,
                                               const float (&shift)[4]) {
#pragma unroll
    for (int e = 0; e < 4; ++e) {
      const int r = 2 * mi + e / 2;
      s[e] = ptx::exp2_approx(__fmaf_rn(s[e], scale_log2, -shift[r]));
      sum[r] += s[e];
    }
  }

  __device__ __forceinline__ void rescale(const float (&factor)[4]) {
#pragma unroll
    for (int mi = 0; mi < 2; ++mi) {
#pragma unroll
      for (int d = 0; d < kTiles; ++d) {
#pragma unroll
        for (int e = 0; e < 4; ++e) output[mi][d][e] *= factor[2 * mi + e / 2];
      }
    }
  }

  __device__ __forceinline__ float maximum(int r) const {
    return limit[r] - kLargestGrowth;
  }
  /// m, or 0 where nothing was seen: exp2(-inf - 0) is 0.
  __device__ __forceinline__ float shift(int r) const {
    return limit[r] == -INFINITY ? 0.0F : maximum(r);
  }
};

/// One accumulator of P to shared memory, as halves in rows of 64; `place` is weight_place.
template <typename Half>
__device__ __forceinline__ void write_weights(std::uint32_t place, const float (&s)[4], int mi,
                                              int n) {
  const std::uint32_t to = (place ^ static_cast<std::uint32_t>(n << 4)) +
                           static_cast<std::uint32_t>(mi * 16 * kRowBytes<64>);
  ptx::store_shared(to, ptx::pack<Half>(s[0], s[1]));
  ptx::store_shared(to + 8 * kRowBytes<64>, ptx::pack<Half>(s[2], s[3]));
}

/// This lane's word in the first row and chunk that the warp of this half writes, from the pair's
/// rows of P on.
__device__ __forceinline__ std::uint32_t weight_place(int lane, int half) {
  const auto row = static_cast<std::uint32_t>(lane / 4);
  return row * kRowBytes<64> + ((static_cast<std::uint32_t>(half * 4) ^ row) << 4) +
         static_cast<std::uint32_t>(lane % 4 * 4);
}

/// O += P V over a tile's 64 columns. `weights` and `values` are this lane's addresses in the
/// pair's rows of P and in the warp's channels of V. `between(i)` is called after each of the
/// kHeadDim / 8 groups of products, for work that is to run beside them.
template <typename Half, int kHeadDim, typename Between>
__device__ __forceinline__ void accumulate(RowState<kHeadDim>& state, std::uint32_t weights,
                                           std::uint32_t values, Between&& between) {
  constexpr int kPairs = RowState<kHeadDim>::kTiles / 2, kGroups = 4 * kPairs;
  constexpr int kAhead = 2;  ///< groups by which V is read before its products
  std::uint32_t p[2][2][4], v[kAhead + 1][4];
  const auto read_weights = [&](int step) {
#pragma unroll
    for (int mi = 0; mi < 2; ++mi) {
      ptx::ldmatrix_x4(p[step % 2][mi], Fragments<64>::at(weights, mi * 16, step));
    }
  };
  const auto read_values = [&](int group) {
    ptx::ldmatrix_x4_trans(v[group % (kAhead + 1)],
                           Fragments<kHeadDim>::at(values, group / kPairs * 16, group % kPairs));
  };
  read_weights(0);
#pragma unroll
  for (int group = 0; group < kAhead; ++group) read_values(group);
#pragma unroll
  for (int group = 0; group < kGroups; ++group) {
    const int step = group / kPairs, pair = group % kPairs;
    if (group + kAhead < kGroups) read_values(group + kAhead);
    if (pair == 0 && step + 1 < 4) read_weights(step + 1);
    const auto& b = v[group % (kAhead + 1)];
#pragma unroll
    for (int mi = 0; mi < 2; ++mi) {
      ptx::mma_m16n8k16<Half>(state.output[mi][2 * pair], p[step % 2][mi], b[0], b[1]);
      ptx::mma_m16n8k16<Half>(state.output[mi][2 * pair + 1], p[step % 2][mi], b[2], b[3]);
    }
    between(group);
  }
}

}  // namespace bsfa::kernels::cuda
