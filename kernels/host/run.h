// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/block.h"
#include "core/run_control.h"
#include "core/thresholds.h"
#include "kernels/host/library.h"
#include "kernels/host/memory.h"
#include "kernels/host/placed_inputs.h"

namespace bsfa::kernels {

/// What to run and what to ask back for. Outputs that the kernel cannot give stay absent.
struct RunRequest {
  core::Problem problem;
  core::AttentionInputs inputs;
  const core::Thresholds* thresholds = nullptr;  ///< nullptr: gating off
  /// Empty: the whole problem. A kernel that cannot compute a list is asked for the whole problem.
  std::span<const core::WorkItem> items;
  bool want_lse = true;
  bool want_mask = true;      ///< mask and tile_max, if the kernel offers BSFA_INSTRUMENT_MASK
  bool want_records = false;  ///< work records, if it offers BSFA_INSTRUMENT_WORK
  bool want_warps = false;    ///< records of warps as well, if it offers BSFA_INSTRUMENT_WARPS
};

/// A fault that the harness around a kernel saw, whatever the numbers say.
struct ContractFault {
  enum class Kind { kWroteOutside, kUnwritten } kind;
  std::string text;  ///< one line: which output, where
};

/// Results of one run, owning their memory. Every output was filled with a NaN pattern (mask: 0xEE)
/// and fenced with guard bands before the kernel saw it, in the memory that the kernel computes in.
struct RunResult {
  std::vector<std::uint16_t> o;  ///< problem dtype, [B,H,M,D]
  std::vector<float> lse;        ///< [B,H,M], empty where absent
  std::vector<std::uint8_t> mask;
  std::vector<float> tile_max;
  std::vector<core::WorkRecord> records;
  std::vector<ContractFault> faults;
  double elapsed_ms = 0.0;    ///< of enqueue; of a device kernel by its events, without copies
  bool whole_problem = true;  ///< false: only the request's items were computed
  std::string gpu, driver;    ///< what a device kernel ran on; empty for a host kernel

  core::KernelOutput view(const core::Problem& problem) const;
};

/// Runs one kernel, as often as wanted. A device kernel's inputs are copied once: they stay on the
/// device while requests name the same tensors, whose values must not change meanwhile.
class Runner {
 public:
  /// Errors  throws core::DeviceError where the kernel needs a device and there is none,
  ///         core::UsageError where this build cannot fill a device's memory.
  explicit Runner(Kernel kernel);
  /// With a memory of the caller's choice.
  Runner(Kernel kernel, std::unique_ptr<Memory> memory);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  const Kernel& kernel() const noexcept { return kernel_; }

  /// Plans, allocates, runs once and checks the fences and that every asked-for row was written.
  ///
  /// Errors  throws core::UsageError where the kernel answers BSFA_UNSUPPORTED, core::DeviceError
  ///         (out of memory, device), core::PluginError (internal error or a C++ exception out of
  ///         the kernel), core::Interrupted.
  RunResult run(const RunRequest& request, const core::RunControl& control);

 private:
  RunResult run_once(const RunRequest& request, const core::RunControl& control);

  Kernel kernel_;
  std::unique_ptr<Memory> memory_;
  PlacedInputs inputs_;
};

/// The memory that a kernel computes in, new. Errors as of Runner.
std::unique_ptr<Memory> memory_for(const Kernel& kernel);

/// Throws what a Runner of this kernel would throw, so that a caller can find out before long work.
void require_runnable(const Kernel& kernel);

/// One run, with nothing kept for another. Errors as of Runner.
RunResult run(const Kernel& kernel, const RunRequest& request, const core::RunControl& control);

/// Names the first output in which two runs of the same request differ bit for bit and where, empty
/// if none does. Only rows and tiles of `items` are compared.
std::string first_difference(const core::Problem& problem, std::span<const core::WorkItem> items,
                             const RunResult& a, const RunResult& b);

}  // namespace bsfa::kernels
