// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/cuda/portable/ordered_float.cuh"
#include "kernels/cuda/ptx/mbarrier.cuh"
#include "kernels/cuda/ptx/shared_memory.cuh"

// The CTA's decision on a tile, in two halves so that matrix products run in between: every warp
// posts a byte and every thread arrives; later each waits and reads all bytes. Arriving also says
// that the thread has read the tile, and that those of its own copies which it has waited for are
// there.
//
// Votes of step t lie in set t % 2. That set is written again at step t + 2, after the wait of
// t + 1, which needs every warp's post of t + 1; a warp posts that after it has read the votes of
// t.
namespace bsfa::kernels::cuda {

enum VoteBits : std::uint32_t { kKeep = 1, kGrew = 2 };

template <int kWarps, bool kReportMaximum>
struct Vote {
  static_assert(kWarps <= 8, "a set of votes is eight bytes");
  static constexpr std::uint32_t kVotes = 8, kLargest = 24;  ///< after the barrier
  static constexpr std::uint32_t kBytes = kLargest + 2 * 8 * sizeof(std::int32_t);

  std::uint32_t address;  ///< of kBytes in shared memory, a multiple of 8

  /// By one thread, before the CTA's first barrier.
  __device__ __forceinline__ void init() const {
    ptx::mbarrier_init(address, kWarps * 32);
    for (std::uint32_t at = kVotes; at < kLargest; at += 4) ptx::store_shared(address + at, 0);
  }

  /// By every thread, once a step.
  __device__ __forceinline__ void post(int step, int warp, int lane, bool keep, bool grew,
                                       float largest) const {
    const bool any_keep = __any_sync(0xFFFFFFFFU, keep) != 0;
    const bool any_grew = __any_sync(0xFFFFFFFFU, grew) != 0;
    const auto set = static_cast<std::uint32_t>(step & 1) * 8 + static_cast<std::uint32_t>(warp);
    std::int32_t warp_largest = 0;
    if constexpr (kReportMaximum) {
      warp_largest = __reduce_max_sync(0xFFFFFFFFU, ordered_from_float(largest));
    }
    __syncwarp();
    if (lane == 0) {
      ptx::store_shared_byte(address + kVotes + set,
                             (any_keep ? kKeep : 0U) | (any_grew ? kGrew : 0U));
      if constexpr (kReportMaximum) {
        ptx::store_shared(address + kLargest + set * 4, static_cast<std::uint32_t>(warp_largest));
      }
    }
    ptx::mbarrier_arrive(address);
  }

  /// The bits that any warp set, in any of the bytes.
  __device__ __forceinline__ std::uint32_t wait(int step) const {
    const auto parity = static_cast<std::uint32_t>(step & 1);
    while (!ptx::mbarrier_test_wait(address, parity)) {
    }
    const uint2 votes = ptx::load_shared_8(address + kVotes + parity * 8);
    return votes.x | votes.y;
  }
  static __device__ __forceinline__ bool has(std::uint32_t votes, VoteBits bit) {
    return (votes & bit * 0x01010101U) != 0;
  }

  /// After the wait: the largest score of the tile, unscaled.
  __device__ __forceinline__ float largest(int step) const {
    const std::uint32_t set = address + kLargest + static_cast<std::uint32_t>(step & 1) * 32;
    auto most = static_cast<std::int32_t>(ptx::load_shared(set));
#pragma unroll
    for (std::uint32_t w = 1; w < kWarps; ++w) {
      most = max(most, static_cast<std::int32_t>(ptx::load_shared(set + w * 4)));
    }
    return float_from_ordered(most);
  }
};

}  // namespace bsfa::kernels::cuda
