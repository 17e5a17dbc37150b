// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/instances.h"
#include "kernels/cuda/portable/statistics_worker.cuh"
#include "kernels/cuda/portable/warp_tile.cuh"

// Tile statistics with mma.sync and cp.async; one CTA computes one Q block of one head, in compute
// tiles of 64 columns.
//
//   Q to registers, all of it
//   for each K tile inside the mask, from the last to the first:
//     S = Q Kᵀ
//     tile_max = largest of scale·S
//     with LSE: share of each row = Σ exp(scale·S - LSE); tile_mass their mean, tile_mass_max the
//     largest
//
// Warps    one for every 32 rows, with all 64 columns of them, so that a row's sum needs four
//          threads alone. 168 registers a thread leave an SM room for twelve warps of three or more
//          CTAs: while some look for maxima, others keep the matrix units busy.
// Scores   are summed over channels in the order of the forward kernel: tile_max has the same bits.
//
// Shared memory at 128 rows, D = 128: K 3 x 16 KiB, posts 96 bytes, LSE 512. Q lies in the places
// of K but the first until it is in registers.
//
// Barriers      arrive                                                 wait  how often
//   Q (CTA)     own copies of Q are there                              all   once
//   free (CTA)  Q is read, its place can be filled                     all   once
//   step (CTA)  own copies of K(t) are there; K(t-1) is read; posts    all   each compute tile
//               of the gate tile before are written
//   end (CTA)   posts of the last gate tile are written                all   once
namespace bsfa::kernels::cuda {

/// S = Q Kᵀ with all of Q in registers, K read two pairs of columns ahead. `keys` is this lane's
/// address in the K tile.
template <typename Half, int kHeadDim, int kTiles>
__device__ __forceinline__ void score_resident(Scores<kTiles>& s,
                                               const Queries<kHeadDim / 16>& queries,
                                               std::uint32_t keys) {
  constexpr int kPairs = kTiles / 2, kGroups = kHeadDim / 16 * kPairs, kAhead = 2;
  std::uint32_t k[kAhead + 1][4];
  const auto read = [&](int group) {
    ptx::ldmatrix_x4(k[group % (kAhead + 1)],
                     Fragments<kHeadDim>::at(keys, group % kPairs * 16, group / kPairs));
  };
#pragma unroll
  for (int group = 0; group < kAhead; ++group) read(group);
#pragma unroll
  for (int mi = 0; mi < 2; ++mi) {
#pragma unroll
    for (int n = 0; n < kTiles; ++n) {
      s[mi][n][0] = s[mi][n][1] = s[mi][n][2] = s[mi][n][3] = 0.0F;
    }
  }
#pragma unroll
  for (int group = 0; group < kGroups; ++group) {
    if (group + kAhead < kGroups) read(group + kAhead);
    const int step = group / kPairs, pair = group % kPairs;
    const auto& b = k[group % (kAhead + 1)];
#pragma unroll
    for (int mi = 0; mi < 2; ++mi) {
      ptx::mma_m16n8k16<Half>(s[mi][2 * pair], queries[mi][step], b[0], b[1]);
      ptx::mma_m16n8k16<Half>(s[mi][2 * pair + 1], queries[mi][step], b[2], b[3]);
    }
  }
}

/// K of compute tile `tile`, which is whole, to place `stage`.
template <typename C>
__device__ __forceinline__ void request_keys(const StatisticsWorker<C>& w, int stage, int tile) {
  w.loader().template load<C::kColumns>(
      w.key_tile(stage),
      w.keys + w.loader().offset(w.key_stride()) + tile * C::kColumns * w.key_stride(),
      w.key_stride());
}
/// The same where the tile may reach beyond the end of K, or lie there.
template <typename C>
__device__ __forceinline__ void request_ragged_keys(const StatisticsWorker<C>& w, int stage,
                                                    int tile) {
  w.loader().template load_ragged<C::kColumns>(w.key_tile(stage), w.keys, w.key_stride(),
                                               tile * C::kColumns, w.item.kv_len);
  ptx::cp_async_commit();
}

/// Q to registers by way of the places of K, and all but one place of K asked for.
template <typename C>
__device__ __forceinline__ void begin(const StatisticsWorker<C>& w, const unsigned char* q,
                                      Queries<C::kSteps>& queries) {
  w.loader().template load_ragged<C::kRows>(w.query_tile(), q, 2 * w.p.q.row_stride,
                                            w.item.first_row, w.p.q_len);
  ptx::cp_async_commit();
  const int last = w.item.visible * C::kTilesPerGate - 1;
  request_ragged_keys<C>(w, 0, last);
  ptx::cp_async_wait<1>();
  __syncthreads();
  read_queries<C::kHeadDim, C::kSteps>(queries, w.query_lane());
  __syncthreads();
#pragma unroll
  for (int i = 1; i < C::kKeyStages - 1; ++i) request_ragged_keys<C>(w, i, max(last - i, 0));
}

/// All tiles of a Q block.
template <typename C>
__device__ __forceinline__ void measure(const StatisticsWorker<C>& w,
                                        const Queries<C::kSteps>& queries,
                                        const RowShares<C>& shares) {
  constexpr int kAhead = C::kKeyStages - 1, kOfGate = C::kTilesPerGate;
  const int hidden = w.hidden_steps();
  int step = 0, stage = 0;
  Findings<C> found;
  for (int tile = w.item.visible * kOfGate - 1; tile >= 0; --tile) {
    ptx::cp_async_wait<kAhead - 1>();
    __syncthreads();
    if (tile >= kAhead) {
      request_keys<C>(w.again(), stage == 0 ? kAhead : stage - 1, tile - kAhead);
    }
    ptx::cp_async_commit();
    if (tile % kOfGate == kOfGate - 1 && step > 0) w.again().collect(step - 1);
    Scores<C::kScoreTiles> s;
    score_resident<typename C::Half, C::kHeadDim>(s, queries, w.key_lane(stage));
    if (step < hidden) {
      const StatisticsWorker<C> again = w.again();
      hide(s, w.item, again.warp() * kWarpRows + again.lane() / 4,
           tile * C::kColumns + again.lane() % 4 * 2);
    }
    found.add(s, shares);
    stage = stage == kAhead ? 0 : stage + 1;
    if (tile % kOfGate != 0) continue;
    w.again().post(step++, found);
    found = {};
  }
  ptx::cp_async_wait<0>();
  __syncthreads();
  w.collect(step - 1);
}

template <typename C>
__global__ void __launch_bounds__(C::kThreads, C::kCtasPerSm)
    statistics(const __grid_constant__ Parameters p) {
  using Half = typename C::Half;
  extern __shared__ __align__(1024) unsigned char shared[];
  Item item;
  if (!choose_item<C::kRows, C::kGateColumns>(p, item)) return;
  const auto bytes = [&](const DeviceTensor& tensor, int head) {
    return reinterpret_cast<const unsigned char*>(row_of<const Half>(tensor, item.batch, head, 0));
  };
  const StatisticsWorker<C> w{
      p, item, ptx::opaque(static_cast<std::uint32_t>(__cvta_generic_to_shared(shared))),
      bytes(p.k, item.head / p.group), static_cast<int>(ptx::opaque(threadIdx.x))};
  Queries<C::kSteps> queries;
  begin<C>(w, bytes(p.q, item.head), queries);
  measure<C>(w, queries, RowShares<C>(w));
  w.report_outside();
}

template <typename C>
Instance statistics_instance() noexcept {
  return {reinterpret_cast<const void*>(&statistics<C>), C::kThreads, StatisticsStorage<C>::kBytes,
          C::kColumns, C::kRows * C::kColumns * C::kHeadDim / (16 * 8 * 16)};
}

template <typename Half, int kHeadDim, int kGateQ, int kGateK>
Instance StatisticsInstances<Half, kHeadDim, kGateQ, kGateK>::find(bool with_mass) noexcept {
  return with_mass ? statistics_instance<StatisticsConfig<Half, kHeadDim, kGateQ, kGateK, true>>()
                   : statistics_instance<StatisticsConfig<Half, kHeadDim, kGateQ, kGateK, false>>();
}

}  // namespace bsfa::kernels::cuda
