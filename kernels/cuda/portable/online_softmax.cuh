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
//
// P = 2^(s·c - fl(m·c)), c = scale·log2(e), is one multiply-add and one exponential. fl(m·c) is off
// by up to 2^-24·|m·c|, the same for a whole row, which cancels in O / l; but where that reaches
// the range of the exponential the row's largest P would not be near 1. Such rows are shifted by m
// before.
namespace bsfa::kernels::cuda {

template <int kHeadDim>
struct RowState {
  static constexpr int kTiles = kHeadDim / 2 / 8;
  float output[2][kTiles][4] = {};
  float maximum[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};  ///< m, before scaling
  float sum[4] = {};                                                ///< l

  /// Whether any of these maxima exceeds m by more than `slack`, 8 / c; NaN does.
  __device__ __forceinline__ bool grows(const float (&maxima)[4], float slack) const {
    bool any = false;
#pragma unroll
    for (int r = 0; r < 4; ++r) any |= !(maxima[r] <= maximum[r] + slack);
    return any;
  }

  /// Raises m to the rows' maxima over both warps where it grows; `factor` brings what was summed
  /// before to the new m. `own` and `other` are addresses of 32 floats in shared memory that this
  /// warp and the other of the pair write; the two meet at barrier 1 + `pair`. Returns whether any
  /// row of the warp is special from now on.
  __device__ __forceinline__ bool raise(const float (&maxima)[4], float scale_log2, float slack,
                                        std::uint32_t own, std::uint32_t other, int pair,
                                        float (&factor)[4]) {
    const std::uint32_t lane = threadIdx.x % 32;
    float largest[4];
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      largest[r] = row_max(maxima[r]);
      if (lane % 4 == 0) {
        ptx::store_shared(own + (lane / 4 + r * 8) * 4, __float_as_uint(largest[r]));
      }
    }
    ptx::named_barrier(1 + pair, 64);
    bool special = false;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      const float theirs = __uint_as_float(ptx::load_shared(other + (lane / 4 + r * 8) * 4));
      largest[r] = ptx::max_or_nan(largest[r], theirs);
      if (!(largest[r] <= maximum[r] + slack)) {
        factor[r] = ptx::exp2_approx((maximum[r] - largest[r]) * scale_log2);
        maximum[r] = largest[r];
        sum[r] *= factor[r];
      }
      special |= is_special(r, scale_log2);
    }
    return __any_sync(0xFFFFFFFFU, special) != 0;
  }

  /// What exponentiate takes off: m·c.
  __device__ __forceinline__ void find_shift(float scale_log2, float (&shift)[4]) const {
#pragma unroll
    for (int r = 0; r < 4; ++r) shift[r] = maximum[r] * scale_log2;
  }

  /// The same for special rows, whose scores are shifted here.
  template <int kTiles>
  __device__ __forceinline__ void shift_special(float scale_log2, float (&shift)[4],
                                                Scores<kTiles>& s) const {
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      if (!is_special(r, scale_log2)) continue;
      shift[r] = 0.0F;
      if (maximum[r] == -INFINITY) continue;
#pragma unroll
      for (int n = 0; n < kTiles; ++n) {
        s[r / 2][n][2 * (r % 2)] -= maximum[r];
        s[r / 2][n][2 * (r % 2) + 1] -= maximum[r];
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

  /// The natural logarithm of the sum over the row, given l over both warps.
  __device__ __forceinline__ float log_sum(int r, float l, float scale, float scale_log2) const {
    constexpr float kLn2 = 0x1.62e43p-1F;
    const float shift =
        is_special(r, scale_log2) ? maximum[r] * scale : maximum[r] * scale_log2 * kLn2;
    return shift + logf(l);
  }

 private:
  /// Whether nothing was seen in a row, or fl(m·c) is off by more than 1/16.
  __device__ __forceinline__ bool is_special(int r, float scale_log2) const {
    return fabsf(maximum[r]) * scale_log2 > 0x1p20F;
  }
};

/// One accumulator of P to shared memory, as halves in rows of 64; `place` is this lane's word
/// in the first row and chunk of its warp.
template <typename Half>
__device__ __forceinline__ void write_weights(std::uint32_t place, const float (&s)[4], int mi,
                                              int n) {
  const std::uint32_t to = (place ^ static_cast<std::uint32_t>(n << 4)) +
                           static_cast<std::uint32_t>(mi * 16 * kRowBytes<64>);
  ptx::store_shared(to, ptx::pack<Half>(s[0], s[1]));
  ptx::store_shared(to + 8 * kRowBytes<64>, ptx::pack<Half>(s[2], s[3]));
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
