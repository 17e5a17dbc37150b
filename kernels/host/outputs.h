// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/tile_geometry.h"
#include "core/work.h"
#include "kernels/host/fenced.h"
#include "kernels/host/run.h"

namespace bsfa::kernels {

/// Which outputs a run asks for besides O, and room for how many work records.
struct WantedOutputs {
  bool lse = true;
  bool mask = true;  ///< mask and tile_max
  std::size_t records = 0;
};

/// The outputs of one run, poisoned and fenced, in the memory that the kernel computes in.
///
/// Errors  throws std::bad_alloc, core::DeviceError.
class Outputs {
 public:
  Outputs(const core::Problem& problem, const WantedOutputs& wanted, Memory& memory);

  /// Points a kernel's arguments at the buffers.
  void bind(bsfa_arguments& arguments);

  /// Brings over what the kernel left; all below is about that.
  void fetch();

  /// What the fences and the poison say; only rows and tiles of `items` must have been written.
  std::vector<ContractFault> faults(std::span<const core::WorkItem> items) const;

  /// How many records the kernel says there are; 0 where it says nothing.
  std::uint64_t record_count() const noexcept;

  /// Moves the buffers into a result; nothing is left behind. At most `records` records.
  void release_into(RunResult& result, std::uint64_t records) &&;

 private:
  core::Problem problem_;
  core::TileGeometry geometry_;
  Fenced<std::uint16_t> o_;
  Fenced<float> lse_;
  Fenced<std::uint8_t> mask_;
  Fenced<float> tile_max_;
  Fenced<std::uint8_t> records_;
  Fenced<std::uint64_t> record_count_;
};

}  // namespace bsfa::kernels
