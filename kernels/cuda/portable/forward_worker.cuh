// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/instances.h"
#include "kernels/cuda/portable/parameters.h"
#include "kernels/cuda/portable/shared_tile.cuh"
#include "kernels/cuda/portable/vote.cuh"
#include "kernels/cuda/portable/warp_tile.cuh"
#include "kernels/cuda/ptx/shared_memory.cuh"

// What the forward kernel is compiled for, where things lie in shared memory, and where each thread
// finds its part of them.
namespace bsfa::kernels::cuda {

/// Everything that is fixed when an instance is compiled.
template <typename Half_, int kHeadDim_, int kGateQ, int kGateK, Reports kReported, bool kGated_>
struct ForwardConfig {
  using Half = Half_;
  static constexpr int kHeadDim = kHeadDim_;
  static constexpr bool kGated = kGated_;
  static constexpr int kRows = kGateQ, kGateColumns = kGateK;
  static constexpr int kColumns = 64, kWarpColumns = kColumns / 2, kScoreTiles = kWarpColumns / 8;
  static constexpr int kTilesPerGate = kGateColumns / kColumns;
  static constexpr int kWarps = kRows / kWarpRows * 2, kThreads = kWarps * 32;
  /// With 64 rows two CTAs share an SM.
  static constexpr int kKeyStages = kRows == 64 ? 3 : 4;
  /// Newest K tiles that may still be on their way at a vote.
  static constexpr int kPendingAtVote = kTilesPerGate == 1 ? kKeyStages - 3 : 0;
  /// Steps of Q that stay in registers, eight of them each; the others are read again and again.
  static constexpr int kResident = kHeadDim == 64 ? 4 : 6;
  static constexpr bool kReportsTiles =
      kReported == Reports::kTiles || kReported == Reports::kEverything;
  static constexpr bool kRecords =
      kReported == Reports::kRecords || kReported == Reports::kEverything;

  static_assert(kHeadDim == 64 || kHeadDim == 128, "rows are whole swizzle spans");
  static_assert(kTilesPerGate == 1 || kTilesPerGate == 2, "a decision needs at most two S");
};

/// Offsets into dynamic shared memory.
template <typename C>
struct ForwardStorage {
  static constexpr std::uint32_t kTileBytes = C::kColumns * kRowBytes<C::kHeadDim>;
  static constexpr std::uint32_t kWeightBytes = C::kRows * kRowBytes<C::kColumns>;
  static constexpr std::uint32_t kQueryBytes = C::kRows * kRowBytes<C::kHeadDim>;
  static constexpr std::uint32_t kKeys = 0;
  static constexpr std::uint32_t kValues = kKeys + C::kKeyStages * kTileBytes;
  static constexpr std::uint32_t kWeights = kValues + 2 * kTileBytes;
  static constexpr std::uint32_t kQueries = kWeights + 2 * kWeightBytes;
  static constexpr std::uint32_t kRowExchange = kQueries + kQueryBytes;
  static constexpr std::uint32_t kVotes = kRowExchange + C::kWarps * kWarpRows * sizeof(float);
  static constexpr std::uint32_t kBytes = kVotes + Vote<C::kWarps, C::kReportsTiles>::kBytes;
  static_assert(kBytes <= 163 * 1024, "a CTA of sm_80 has room");
};

/// A thread's view of the CTA's work.
template <typename C>
struct Worker {
  using Storage = ForwardStorage<C>;
  const Parameters& p;
  Item item;
  float threshold;
  std::uint32_t shared;                ///< address of dynamic shared memory
  const unsigned char *keys, *values;  ///< of the kv head
  int thread;

  /// The same, with everything that depends on the thread to be derived again: registers are
  /// scarcer than instructions where a tile is kept.
  __device__ __forceinline__ Worker again() const {
    Worker copy = *this;
    copy.thread = static_cast<int>(ptx::opaque(static_cast<std::uint32_t>(thread)));
    return copy;
  }

  __device__ __forceinline__ int lane() const { return thread % 32; }
  __device__ __forceinline__ int warp() const { return thread / 32; }
  __device__ __forceinline__ int pair() const { return thread / 64; }
  __device__ __forceinline__ int half() const { return thread / 32 % 2; }
  __device__ __forceinline__ TileLoader<C::kHeadDim, C::kThreads> loader() const {
    return TileLoader<C::kHeadDim, C::kThreads>(thread);
  }
  __device__ __forceinline__ std::int64_t key_stride() const { return 2 * p.k.row_stride; }
  __device__ __forceinline__ std::int64_t value_stride() const { return 2 * p.v.row_stride; }
  __device__ __forceinline__ Vote<C::kWarps, C::kReportsTiles> vote() const {
    return {shared + Storage::kVotes};
  }
  /// 32 floats of a warp.
  __device__ __forceinline__ std::uint32_t row_exchange(int of_warp) const {
    return shared + Storage::kRowExchange + of_warp * kWarpRows * sizeof(float);
  }
  __device__ __forceinline__ std::uint32_t key_tile(int stage) const {
    return shared + Storage::kKeys + stage * Storage::kTileBytes;
  }
  __device__ __forceinline__ std::uint32_t value_tile(int stage) const {
    return shared + Storage::kValues + stage * Storage::kTileBytes;
  }
  /// The pair's rows of P.
  __device__ __forceinline__ std::uint32_t weight_rows(int stage) const {
    return shared + Storage::kWeights + stage * Storage::kWeightBytes +
           pair() * kWarpRows * kRowBytes<C::kColumns>;
  }
  /// This lane's address in the warp's rows of K, which are its columns of S.
  __device__ __forceinline__ std::uint32_t key_lane(int stage) const {
    return key_tile(stage) + half() * C::kWarpColumns * kRowBytes<C::kHeadDim> +
           Fragments<C::kHeadDim>::chunks_first(lane());
  }
  __device__ __forceinline__ std::uint32_t query_lane() const {
    return shared + Storage::kQueries + pair() * kWarpRows * kRowBytes<C::kHeadDim> +
           Fragments<C::kHeadDim>::rows_first(lane());
  }
  __device__ __forceinline__ std::uint32_t value_lane(int stage) const {
    return Fragments<C::kHeadDim>::at(
        value_tile(stage) + Fragments<C::kHeadDim>::rows_first(lane()), 0,
        half() * C::kHeadDim / 32);
  }
  /// Where this lane writes its first word of P.
  __device__ __forceinline__ std::uint32_t weight_place(int stage) const {
    const auto row = static_cast<std::uint32_t>(lane() / 4);
    const auto chunk = static_cast<std::uint32_t>(half() * C::kScoreTiles);
    return weight_rows(stage) + row * kRowBytes<C::kColumns> + ((chunk ^ row) << 4) +
           static_cast<std::uint32_t>(lane() % 4 * 4);
  }
  __device__ __forceinline__ std::uint32_t weight_lane(int stage) const {
    return weight_rows(stage) + Fragments<C::kColumns>::rows_first(lane());
  }
  /// Steps from the first on in which entries are hidden.
  __device__ __forceinline__ int hidden_steps() const {
    return item.visible - item.first_hidden / C::kGateColumns;
  }
};

}  // namespace bsfa::kernels::cuda
