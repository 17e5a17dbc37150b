// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bsfa::profiler {

/// A named stretch of this thread's time, seen by whatever listens to NVTX (Nsight, CUPTI). Costs
/// next to nothing where nothing listens, and is nothing in builds without NVTX.
///
/// Threads  a range ends on the thread that began it, innermost first.
class NvtxRange {
 public:
  explicit NvtxRange(const std::string& name) noexcept;
  NvtxRange(const NvtxRange&) = delete;
  NvtxRange& operator=(const NvtxRange&) = delete;
  ~NvtxRange();
};

/// Has CUPTI listen to the process's ranges, unless another listener is named in the environment.
/// To be called before the first range of the process, and while it has one thread: it sets
/// NVTX_INJECTION64_PATH. Without CUPTI nothing happens; recording will say why.
void let_cupti_hear_ranges() noexcept;

}  // namespace bsfa::profiler
