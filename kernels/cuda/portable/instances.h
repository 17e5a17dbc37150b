// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <cuda_runtime_api.h>

#include "kernels/cuda/portable/parameters.h"

namespace bsfa::kernels::cuda {

/// What an instance can report besides O and LSE. Tiles: mask and tile_max.
enum class Reports : std::uint8_t { kNothing, kTiles, kRecords, kEverything };

/// One compiled kernel.
struct Instance {
  const void* function;  ///< takes Parameters by value
  std::uint32_t threads;
  std::uint32_t shared_bytes;
  std::int32_t columns;               ///< of a compute tile
  std::uint32_t tensor_instructions;  ///< of one product of a tile, QK or PV, over all warps
};

/// The instances of one dtype, head dimension and gate, all compiled in one file. Those that report
/// have the gate compiled in.
template <typename Half, int kHeadDim, int kGateQ, int kGateK>
struct ForwardInstances {
  /// The smallest that reports what is asked for.
  static Instance find(Reports reports, bool gated) noexcept;

 private:
  template <Reports kReports, bool kGated>
  static Instance make() noexcept;
};

/// The instances of tile statistics of one dtype, head dimension and gate.
template <typename Half, int kHeadDim, int kGateQ, int kGateK>
struct StatisticsInstances {
  static Instance find(bool with_mass) noexcept;
};

}  // namespace bsfa::kernels::cuda
