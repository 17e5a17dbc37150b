// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/cuda/portable/forward_worker.cuh"
#include "kernels/cuda/portable/online_softmax.cuh"
#include "kernels/cuda/portable/recorder.cuh"

// Gated attention forward with mma.sync and cp.async; one CTA computes one Q block of one head, in
// compute tiles of 64 columns.
//
//   load Q and the first K tiles; most of Q stays in registers
//   for each K tile inside the mask, from the last to the first:
//     score    S' = Q Kᵀ of the next tile, and beside it:
//     post     this tile's entries against τ, a vote of every warp
//     decide   the votes of all warps: kept where any entry passes
//     kept:    ask for V; O += P V of the tile kept before, and beside it P = exp(S - m), l += P
//   O += P V of the last tile kept; O / l, LSE
//
// Warps    two for every 32 rows. Each has 32 columns of S and half the channels of O, so that a
//          thread holds two S (this tile's and the next one's), its part of O and most of its rows
//          of Q. P goes from one to the other through shared memory.
// Lag      P and V of a kept tile wait for the next kept tile: V arrives behind QKᵀ, and exp runs
//          beside the product of the tile before. The first of them multiplies zeros.
// 128x128  two compute tiles make one gate tile. Both S are needed for one decision, so nothing
//          runs ahead there, and P V follows at once.
//
// Shared memory at 128x64, D = 128: K 4 x 16 KiB, V 2 x 16, P 2 x 16, Q 32, votes and row maxima 1.
//
// Barriers
//   start      CTA, twice: own copies of Q, K(0) and K(1) are there; Q is in registers
//   vote       mbarrier, every step. Arrives: every thread, K(t) being read and its own copies of
//              K(t+2) (128x128: all) and of the last V being there. Waits: every thread, before it
//              fills K(t)'s place again and before it reads K(t+2) or that V
//   1 + pair   the two warps of 32 rows, where rows grew: row maxima are written
//   values     CTA, 128x128 only, every kept tile: own copies of V and own part of P are there
//   end        CTA, twice: own copies are there; l is written
namespace bsfa::kernels::cuda {

/// A tile of K or V that may reach beyond its end.
template <typename C>
__device__ __forceinline__ void request_any(const Worker<C>& w, std::uint32_t to,
                                            const unsigned char* matrix, std::int64_t stride,
                                            int tile) {
  w.loader().template load_ragged<C::kColumns>(to, matrix, stride, tile * C::kColumns,
                                               w.item.kv_len);
}

/// A whole tile.
template <typename C>
__device__ __forceinline__ void request_whole(const Worker<C>& w, std::uint32_t to,
                                              const unsigned char* matrix, std::int64_t stride,
                                              int tile) {
  w.loader().template load<C::kColumns>(
      to, matrix + w.loader().offset(stride) + tile * C::kColumns * stride, stride);
}

/// Whether an entry of the thread keeps its tile: NaN keeps, τ = +inf skips, a tie is kept.
template <typename C>
__device__ __forceinline__ bool passes(const Worker<C>& w, float largest) {
  if (!C::kGated) return true;
  const float natural = w.p.scale * largest;
  return isnan(natural) | ((natural >= w.threshold) & (w.threshold != INFINITY));
}

/// O += P V of the tile kept in `stage`.
template <typename C, typename Between>
__device__ __forceinline__ void multiply_values(const Worker<C>& w, RowState<C::kHeadDim>& state,
                                                int stage, Between&& between) {
  accumulate<typename C::Half, C::kHeadDim>(state, w.weight_lane(stage), w.value_lane(stage),
                                            between);
}

/// One strip of P: exp of an accumulator of S, to shared memory.
template <typename C>
__device__ __forceinline__ void soften(RowState<C::kHeadDim>& state, Scores<C::kScoreTiles>& s,
                                       int strip, float scale_log2, const float (&shift)[4],
                                       std::uint32_t place) {
  const int mi = strip / C::kScoreTiles, n = strip % C::kScoreTiles;
  state.exponentiate(s[mi][n], mi, scale_log2, shift);
  write_weights<typename C::Half>(place, s[mi][n], mi, n);
}

/// P of a kept tile into place `stage`, beside the product of the tile kept before in the other.
template <typename C>
__device__ __forceinline__ void soften_and_multiply(const Worker<C>& w,
                                                    RowState<C::kHeadDim>& state,
                                                    Scores<C::kScoreTiles>& s,
                                                    const float (&shift)[4], int stage) {
  constexpr int kGroups = C::kHeadDim / 8, kStrips = 2 * C::kScoreTiles;
  const std::uint32_t place = w.weight_place(stage);
  multiply_values<C>(w, state, stage ^ 1, [&](int group) {
#pragma unroll
    for (int i = group * kStrips / kGroups; i < (group + 1) * kStrips / kGroups; ++i) {
      soften<C>(state, s, i, w.p.scale_log2, shift, place);
    }
  });
}

template <typename C>
__device__ __forceinline__ void report(const Worker<C>& w, int gate_tile, int step, bool kept) {
  if (!C::kReportsTiles || w.thread != 0) return;
  const bsfa_tile_code code = w.item.diagonal(gate_tile) ? BSFA_TILE_DIAGONAL
                              : kept                     ? BSFA_TILE_KEPT
                                                         : BSFA_TILE_SKIPPED;
  report_tile(w.p, w.item, gate_tile, w.p.scale * w.vote().largest(step), code);
}

/// Raises m over the pair of warps, and notes special rows.
template <typename C>
__device__ __forceinline__ void raise(const Worker<C>& w, RowState<C::kHeadDim>& state,
                                      const float (&maxima)[4], float (&factor)[4],
                                      WorkCounts& counts) {
  counts.special = state.raise(maxima, w.p.scale_log2, w.p.slack, w.row_exchange(w.warp()),
                               w.row_exchange(w.warp() ^ 1), w.pair(), factor);
}

/// Hides entries of compute tile `tile`.
template <typename C>
__device__ __forceinline__ void hide_in(const Worker<C>& w, Scores<C::kScoreTiles>& s, int tile) {
  hide(s, w.item, w.pair() * kWarpRows + w.lane() / 4,
       tile * C::kColumns + w.half() * C::kWarpColumns + w.lane() % 4 * 2);
}

/// Posts the warp's vote on a gate tile whose maxima are these.
template <typename C>
__device__ __forceinline__ void post_vote(const Worker<C>& w, const RowState<C::kHeadDim>& state,
                                          const float (&maxima)[4], int gate_tile, int step) {
  const float largest = largest_of(maxima);
  const bool keep = passes<C>(w, largest) | w.item.diagonal(gate_tile);
  ptx::cp_async_wait<C::kPendingAtVote>();
  w.vote().post(step, w.warp(), w.lane(), keep, state.grows(maxima, w.p.slack), largest);
}

/// One step where a gate tile is one compute tile. `s` is this tile's S, `next` the place for that
/// of the next one; after the last tile it is computed of what lies in shared memory, and not used.
/// kEdge: entries may be hidden, and the tile may reach beyond the end of V.
template <bool kEdge, typename C>
__device__ __forceinline__ void advance(const Worker<C>& w, RowState<C::kHeadDim>& state,
                                        const Queries<C::kResident>& queries,
                                        Scores<C::kScoreTiles>& s, Scores<C::kScoreTiles>& next,
                                        int step, WorkCounts& counts) {
  const int tile = w.item.visible - 1 - step, stage = step % C::kKeyStages;
  if constexpr (kEdge) hide_in<C>(w, s, tile);
  float maxima[4];
  score<typename C::Half, C::kHeadDim>(next, queries, w.query_lane(),
                                       w.key_lane((step + 1) % C::kKeyStages), [&](int products) {
                                         if (products != 1) return;
                                         find_maxima(s, maxima);
                                         post_vote<C>(w, state, maxima, tile, step);
                                       });
  const std::uint32_t votes = w.vote().wait(step);
  const bool kept = w.vote().has(votes, kKeep);
  report<C>(w, tile, step, kept);
  const int place = static_cast<int>(counts.kept & 1);
  if (kept) {
    const Worker<C> again = w.again();
    kEdge ? request_any<C>(again, w.value_tile(place), w.values, w.value_stride(), tile)
          : request_whole<C>(again, w.value_tile(place), w.values, w.value_stride(), tile);
    ptx::cp_async_commit();
  }
  // Where no K tile is left the first one is copied again: cheaper than a branch.
  if (!kEdge || w.item.kv_len >= C::kColumns) {
    request_whole<C>(w, w.key_tile(stage), w.keys, w.key_stride(), max(tile - C::kKeyStages, 0));
  }
  ptx::cp_async_commit();
  if (!kept) return;
  ++counts.kept;
  float factor[4] = {1.0F, 1.0F, 1.0F, 1.0F};
  const bool grew = w.vote().has(votes, kGrew);
  float shift[4];
  if (grew) raise<C>(w.again(), state, maxima, factor, counts);
  state.find_shift(w.p.scale_log2, shift);
  if (counts.special) state.shift_special(w.p.scale_log2, shift, s);
  soften_and_multiply<C>(w.again(), state, s, shift, place);
  if (grew) state.rescale(factor);
}

/// All tiles where a gate tile is one compute tile.
template <typename C>
__device__ __forceinline__ void attend(const Worker<C>& w, RowState<C::kHeadDim>& state,
                                       const Queries<C::kResident>& queries, WorkCounts& counts) {
  using Storage = ForwardStorage<C>;
  // The tile kept before the first one: nothing times nothing.
  for (std::uint32_t at = w.thread * 16; at < Storage::kTileBytes; at += C::kThreads * 16) {
    ptx::zero_shared_16(w.value_tile(1) + at);
  }
  for (std::uint32_t at = w.thread * 16; at < Storage::kWeightBytes; at += C::kThreads * 16) {
    ptx::zero_shared_16(w.shared + Storage::kWeights + Storage::kWeightBytes + at);
  }
  Scores<C::kScoreTiles> even, odd;
  score<typename C::Half, C::kHeadDim>(even, queries, w.query_lane(), w.key_lane(0), [](int) {});
  const int steps = w.item.visible;
  int step = 0;
  for (const int hidden = w.hidden_steps(); step < hidden; step += 2) {
    advance<true, C>(w, state, queries, even, odd, step, counts);
    if (step + 1 < steps) advance<true, C>(w, state, queries, odd, even, step + 1, counts);
  }
  for (; step < steps; step += 2) {
    advance<false, C>(w, state, queries, even, odd, step, counts);
    if (step + 1 == steps) break;
    advance<false, C>(w, state, queries, odd, even, step + 1, counts);
  }
  ptx::cp_async_wait<0>();
  __syncthreads();
  if (counts.kept > 0) {
    multiply_values<C>(w, state, static_cast<int>((counts.kept - 1) & 1), [](int) {});
  }
  counts.qk_products = static_cast<std::uint32_t>(steps) + 1;
  counts.pv_products = counts.kept > 0 ? counts.kept + 1 : 0;
}

/// All tiles where two compute tiles, s[0] and before it s[1], make a gate tile.
template <typename C>
__device__ __forceinline__ void attend_pairs(const Worker<C>& w, RowState<C::kHeadDim>& state,
                                             const Queries<C::kResident>& queries,
                                             WorkCounts& counts) {
  const int steps = w.item.visible, hidden = w.hidden_steps();
  for (int step = 0; step < steps; ++step) {
    const int gate_tile = steps - 1 - step, last = 2 * gate_tile + 1, stage = step % 2 * 2;
    Scores<C::kScoreTiles> s[2];
    float maxima[4], lower[4];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      score<typename C::Half, C::kHeadDim>(s[i], queries, w.query_lane(), w.key_lane(stage + i),
                                           [](int) {});
      if (step < hidden) hide_in<C>(w, s[i], last - i);
    }
    find_maxima(s[0], maxima);
    find_maxima(s[1], lower);
#pragma unroll
    for (int r = 0; r < 4; ++r) maxima[r] = ptx::max_or_nan(maxima[r], lower[r]);
    post_vote<C>(w, state, maxima, gate_tile, step);
    const std::uint32_t votes = w.vote().wait(step);
    const bool kept = w.vote().has(votes, kKeep);
    report<C>(w, gate_tile, step, kept);
    if (kept) {
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        request_any<C>(w.again(), w.value_tile(i), w.values, w.value_stride(), last - i);
      }
      ptx::cp_async_commit();
    }
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      request_any<C>(w.again(), w.key_tile(stage + i), w.keys, w.key_stride(),
                     max(last - C::kKeyStages - i, 0));
    }
    ptx::cp_async_commit();
    if (!kept) continue;
    ++counts.kept;
    float factor[4] = {1.0F, 1.0F, 1.0F, 1.0F};
    if (w.vote().has(votes, kGrew)) {
      raise<C>(w.again(), state, maxima, factor, counts);
      state.rescale(factor);
    }
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      float shift[4];
      state.find_shift(w.p.scale_log2, shift);
      if (counts.special) state.shift_special(w.p.scale_log2, shift, s[i]);
#pragma unroll
      for (int strip = 0; strip < 2 * C::kScoreTiles; ++strip) {
        soften<C>(state, s[i], strip, w.p.scale_log2, shift, w.again().weight_place(i));
      }
    }
    ptx::cp_async_wait<1>();
    __syncthreads();
    for (int i = 0; i < 2; ++i) multiply_values<C>(w.again(), state, i, [](int) {});
  }
  ptx::cp_async_wait<0>();
  __syncthreads();
  counts.qk_products = 2 * static_cast<std::uint32_t>(steps);
  counts.pv_products = 2 * counts.kept;
}

/// O / l and LSE. l of a row is the sum over both warps that share it.
template <typename C>
__device__ __forceinline__ void store(const Worker<C>& w, RowState<C::kHeadDim>& state) {
  using Half = typename C::Half;
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    state.sum[r] = row_sum(state.sum[r]);
    if (w.lane() % 4 == 0) {
      ptx::store_shared(w.row_exchange(w.warp()) + (w.lane() / 4 + r * 8) * 4,
                        __float_as_uint(state.sum[r]));
    }
  }
  __syncthreads();
#pragma unroll
  for (int r = 0; r < 4; ++r) {
    const int row = w.item.first_row + w.pair() * kWarpRows + w.lane() / 4 + r * 8;
    if (row >= w.p.q_len) continue;
    const float l = state.sum[r] + __uint_as_float(ptx::load_shared(w.row_exchange(w.warp() ^ 1) +
                                                                    (w.lane() / 4 + r * 8) * 4));
    const float inverse = l == 0.0F ? 0.0F : 1.0F / l;
    if (w.half() == 0 && w.lane() % 4 == 0 && w.p.lse.data != nullptr) {
      *row_of<float>(w.p.lse, w.item.batch, w.item.head, row) =
          state.log_sum(r, l, w.p.scale, w.p.scale_log2);
    }
    if (w.p.o.data == nullptr) continue;
    Half* o = row_of<Half>(w.p.o, w.item.batch, w.item.head, row) + w.half() * C::kHeadDim / 2 +
              w.lane() % 4 * 2;
#pragma unroll
    for (int d = 0; d < RowState<C::kHeadDim>::kTiles; ++d) {
      const float(&x)[4] = state.output[r / 2][d];
      *reinterpret_cast<std::uint32_t*>(o + d * 8) =
          ptx::pack<Half>(x[2 * (r % 2)] * inverse, x[2 * (r % 2) + 1] * inverse);
    }
  }
}

template <typename C>
__global__ void __launch_bounds__(C::kThreads, C::kThreads == 128 ? 2 : 1)
    forward(const __grid_constant__ Parameters p) {
  using Half = typename C::Half;
  using Storage = ForwardStorage<C>;
  extern __shared__ __align__(1024) unsigned char shared[];
  std::conditional_t<C::kRecords, WorkReport, std::nullptr_t> records{};
  if constexpr (C::kRecords) records.write_count(p);
  Item item;
  if (!choose_item<C::kRows, C::kGateColumns>(p, item)) return;
  float threshold = -INFINITY;
  if (C::kGated && p.thresholds.data != nullptr) {
    const int block = min(item.position / C::kRows, p.threshold_blocks - 1);
    threshold = *row_of<const float>(p.thresholds, item.batch, item.head, block);
  }
  const auto bytes = [&](const DeviceTensor& tensor, int head) {
    return reinterpret_cast<const unsigned char*>(row_of<const Half>(tensor, item.batch, head, 0));
  };
  const int kv_head = item.head / p.group;
  const Worker<C> w{p,
                    item,
                    threshold,
                    ptx::opaque(static_cast<std::uint32_t>(__cvta_generic_to_shared(shared))),
                    bytes(p.k, kv_head),
                    bytes(p.v, kv_head),
                    static_cast<int>(ptx::opaque(threadIdx.x))};
  if (w.thread == 0) w.vote().init();
  w.loader().template load_ragged<C::kRows>(w.shared + Storage::kQueries, bytes(p.q, item.head),
                                            2 * p.q.row_stride, item.first_row, p.q_len);
#pragma unroll
  for (int stage = 0; stage < C::kKeyStages; ++stage) {
    request_any<C>(w, w.key_tile(stage), w.keys, w.key_stride(),
                   max(item.visible * C::kTilesPerGate - 1 - stage, 0));
    ptx::cp_async_commit();
  }
  ptx::cp_async_wait<C::kKeyStages - 2>();
  __syncthreads();
  Queries<C::kResident> queries;
  read_queries<C::kHeadDim, C::kResident>(queries, w.query_lane());
  __syncthreads();
  RowState<C::kHeadDim> state;
  WorkCounts counts;
  if constexpr (C::kTilesPerGate == 1) {
    attend<C>(w, state, queries, counts);
  } else {
    attend_pairs<C>(w, state, queries, counts);
  }
  store<C>(w, state);
  if constexpr (C::kReportsTiles) report_outside(p, item);
  if constexpr (C::kRecords) records.write(p, item, counts);
}

template <typename C>
Instance instance_of() noexcept {
  return {reinterpret_cast<const void*>(&forward<C>), C::kThreads, ForwardStorage<C>::kBytes,
          C::kColumns, C::kRows * C::kColumns * C::kHeadDim / (16 * 8 * 16)};
}

template <typename Half, int kHeadDim, int kGateQ, int kGateK>
template <Reports kReports, bool kGated>
Instance ForwardInstances<Half, kHeadDim, kGateQ, kGateK>::make() noexcept {
  return instance_of<ForwardConfig<Half, kHeadDim, kGateQ, kGateK, kReports, kGated>>();
}

template <typename Half, int kHeadDim, int kGateQ, int kGateK>
Instance ForwardInstances<Half, kHeadDim, kGateQ, kGateK>::find(Reports reports,
                                                                bool gated) noexcept {
  if (reports == Reports::kNothing) {
    return gated ? make<Reports::kNothing, true>() : make<Reports::kNothing, false>();
  }
  if constexpr (kGateQ == 128 && kGateK == 64) {
    if (reports == Reports::kTiles) return make<Reports::kTiles, true>();
    if (reports == Reports::kRecords) return make<Reports::kRecords, true>();
  }
  return make<Reports::kEverything, true>();
}

}  // namespace bsfa::kernels::cuda
