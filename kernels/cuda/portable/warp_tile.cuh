// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/shared_tile.cuh"
#include "kernels/cuda/portable/work.cuh"
#include "kernels/cuda/ptx/math.cuh"
#include "kernels/cuda/ptx/mma.cuh"

// A warp's part of one score tile: 32 rows and 8·kTiles columns, in the accumulators of
// mma.m16n8k16. Thread `lane` holds of each 16x8 accumulator the entries e = 0 .. 3 at row lane/4 +
// 8·(e/2), column 2·(lane%4) + e%2. Its four rows are numbered r = 2·mi + e/2, mi being the 16-row
// half.
namespace bsfa::kernels::cuda {

inline constexpr int kWarpRows = 32;

/// Scores, or P in fp32: [16 rows][8 columns][entry].
template <int kTiles>
using Scores = float[2][kTiles][4];

/// The first kResident steps of a warp's rows of Q as operand A: [16 rows][16 channels][register].
template <int kResident>
using Queries = std::uint32_t[2][kResident][4];

/// Those steps from shared memory; `queries` is this lane's address in the warp's rows of Q.
template <int kHeadDim, int kResident>
__device__ __forceinline__ void read_queries(Queries<kResident>& q, std::uint32_t queries) {
#pragma unroll
  for (int step = 0; step < kResident; ++step) {
#pragma unroll
    for (int mi = 0; mi < 2; ++mi) {
      ptx::ldmatrix_x4(q[mi][step], Fragments<kHeadDim>::at(queries, mi * 16, step));
    }
  }
}

/// S = Q Kᵀ. `queries` and `keys` are this lane's addresses in the warp's rows of Q and K.
/// `between(step)` is called after the products of each step are issued, for work that is to run
/// beside them.
template <typename Half, int kHeadDim, int kTiles, int kResident, typename Between>
__device__ __forceinline__ void score(Scores<kTiles>& s, const Queries<kResident>& resident,
                                      std::uint32_t queries, std::uint32_t keys,
                                      Between&& between) {
  constexpr int kSteps = kHeadDim / 16, kPairs = kTiles / 2;
  std::uint32_t k[2][kPairs][4];
  const auto read = [&](int step) {
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      ptx::ldmatrix_x4(k[step % 2][pair], Fragments<kHeadDim>::at(keys, pair * 16, step));
    }
  };
#pragma unroll
  for (int mi = 0; mi < 2; ++mi) {
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
      s[mi][n][0] = s[mi][n][1] = s[mi][n][2] = s[mi][n][3] = 0.0F;
    }
  }
  read(0);
#pragma unroll
  for (int step = 0; step < kSteps; ++step) {
    if (step + 1 < kSteps) read(step + 1);
    std::uint32_t q[2][4];
#pragma unroll
    for (int mi = 0; mi < 2; ++mi) {
      if (step < kResident) {
#pragma unroll
        for (int r = 0; r < 4; ++r) q[mi][r] = resident[mi][step][r];
      } else {
        ptx::ldmatrix_x4(q[mi], Fragments<kHeadDim>::at(queries, mi * 16, step));
      }
    }
#pragma unroll
    for (int pair = 0; pair < kPairs; ++pair) {
      const auto& b = k[step % 2][pair];
#pragma unroll
      for (int mi = 0; mi < 2; ++mi) {
        ptx::mma_m16n8k16<Half>(s[mi][2 * pair], q[mi], b[0], b[1]);
        ptx::mma_m16n8k16<Half>(s[mi][2 * pair + 1], q[mi], b[2], b[3]);
      }
    }
    between(step);
  }
}

/// Entries that causality hides, beyond K, or in rows beyond Q become -inf. `first_row` is the
/// thread's first row in its block, `first_column` its first column.
template <int kTiles>
__device__ __forceinline__ void hide(Scores<kTiles>& s, const Item& item, int first_row,
                                     int first_column) {
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    const int row = first_row + r * 8;
    const int end = row < item.rows ? item.visible_columns(row) : 0;
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
#pragma unroll
      for (int e = 0; e < 2; ++e) {
        if (first_column + n * 8 + e >= end) s[r / 2][n][2 * (r % 2) + e] = -INFINITY;
      }
    }
  }
}

/// Largest score of each of the thread's rows over its own columns, NaN where one is NaN.
template <int kTiles>
__device__ __forceinline__ void find_maxima(const Scores<kTiles>& s, float (&maxima)[4]) {
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    const int e = 2 * (r % 2);
    float largest = ptx::max_or_nan(s[r / 2][0][e], s[r / 2][0][e + 1]);
#pragma unroll
    for (int n = 1; n < kTiles; ++n) {
      largest = ptx::max_or_nan(largest, ptx::max_or_nan(s[r / 2][n][e], s[r / 2][n][e + 1]));
    }
    maxima[r] = largest;
  }
}

__device__ __forceinline__ float largest_of(const float (&x)[4]) {
  return ptx::max_or_nan(ptx::max_or_nan(x[0], x[1]), ptx::max_or_nan(x[2], x[3]));
}

/// Over the four threads that share a row.
__device__ __forceinline__ float row_max(float x) {
  x = ptx::max_or_nan(x, __shfl_xor_sync(0xFFFFFFFFU, x, 1));
  return ptx::max_or_nan(x, __shfl_xor_sync(0xFFFFFFFFU, x, 2));
}
__device__ __forceinline__ float row_sum(float x) {
  x += __shfl_xor_sync(0xFFFFFFFFU, x, 1);
  return x + __shfl_xor_sync(0xFFFFFFFFU, x, 2);
}

}  // namespace bsfa::kernels::cuda
