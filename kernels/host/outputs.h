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

/// The outputs of one run, poisoned and fenced.
///
/// Errors  throws std::bad_alloc.
class Outputs {
 public:
  Outputs(const core::Problem& problem, const WantedOutputs& wanted);

  /// Points a kernel's arguments at the buffers.
  void bind(bsfa_arguments& arguments);

  /// What the fences and the poison say; only rows and tiles of `items` must have been written.
  std::vector<ContractFault> faults(std::span<const core::WorkItem> items) const;

  /// How many records the kernel says there are.
  std::uint64_t record_count() const noexcept { return record_count_; }

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
  std::uint64_t record_count_ = 0;
};

}  // namespace bsfa::kernels
