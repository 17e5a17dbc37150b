// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "core/problem.h"
#include "core/run_control.h"
#include "core/tensor.h"
#include "core/work.h"
#include "kernels/host/library.h"
#include "kernels/host/memory.h"

namespace bsfa::kernels {

/// What a kernel says of the tiles of one Q block, valid until the sink that sees it returns.
///
/// Shapes  [Kb]; the masses are empty where no LSE was given.
struct TileRow {
  core::WorkItem item;
  std::span<const float> tile_max, tile_mass, tile_mass_max;
};

struct TileStatisticsRequest {
  core::Problem problem;
  core::AttentionInputs inputs;  ///< v is not looked at
  const float* lse = nullptr;    ///< dense, [B,H,M]; nullptr: no masses
  std::span<const core::WorkItem> items;
};

/// A kernel's tile statistics of a whole problem, some heads at a time, so that the kernel's memory
/// holds Q, K and results of those heads alone.
///
/// Threads  one at a time.
class TileStatistics {
 public:
  /// A slice of heads takes no more than this, unless a single head does.
  static constexpr std::size_t kSliceBytes = std::size_t{1} << 30;

  /// Errors  as of Runner.
  explicit TileStatistics(Kernel kernel);
  /// With a memory and a limit of the caller's choice.
  TileStatistics(Kernel kernel, std::unique_ptr<Memory> memory,
                 std::size_t slice_bytes = kSliceBytes);

  const Kernel& kernel() const noexcept { return kernel_; }

  /// Calls `sink` for every item, on the calling thread, slice by slice.
  ///
  /// Errors  throws core::InvalidProblem where problem and tensors do not fit or an item is not the
  ///         problem's; as Runner::run where the kernel does not do it or fails, core::PluginError
  ///         also where it leaves a tile unwritten; core::Interrupted between two slices; what
  ///         `sink` throws.
  void run(const TileStatisticsRequest& request, const core::RunControl& control,
           const std::function<void(const TileRow&)>& sink);

 private:
  Kernel kernel_;
  std::unique_ptr<Memory> memory_;
  std::size_t slice_bytes_;
};

}  // namespace bsfa::kernels
