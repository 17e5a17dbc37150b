// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include "kernels/cuda/portable/parameters.h"

namespace bsfa::kernels::cuda {

/// What an instance tells about itself besides O and LSE; each level includes the ones before it.
enum class Level : std::uint8_t { kNone, kMask, kWork, kWarps };

/// One compiled kernel.
struct Instance {
  const void* function;  ///< takes Parameters by value
  std::uint32_t threads;
  std::uint32_t shared_bytes;
  std::int32_t columns;               ///< of a compute tile
  std::uint32_t tensor_instructions;  ///< of one product of a tile, QK or PV, over all warps
};

/// The instances of one dtype, head dimension and gate. Each is compiled in a file of its own;
/// `function` is null where a level does not exist for this gate.
template <typename Half, int kHeadDim, int kGateQ, int kGateK>
struct ForwardInstances {
  static Instance find(Level level, bool gated) noexcept;

 private:
  template <Level kLevel, bool kGated>
  static Instance make() noexcept;
};

}  // namespace bsfa::kernels::cuda
