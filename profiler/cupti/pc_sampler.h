// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cupti_pcsampling.h>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/undo.h"

namespace bsfa::profiler {

/// Room for samples that the library hands back, as it wants it laid out.
class PcBuffer {
 public:
  PcBuffer(std::size_t addresses, std::size_t reasons);
  PcBuffer(const PcBuffer&) = delete;
  PcBuffer& operator=(const PcBuffer&) = delete;

  CUpti_PCSamplingData& data() noexcept { return data_; }

 private:
  std::vector<CUpti_PCSamplingStallReason> reasons_;
  std::vector<CUpti_PCSamplingPCData> addresses_;
  CUpti_PCSamplingData data_{};
};

/// Cycles from one sample to the next, as a power of two: `usual` unless a launch is so long that
/// its samples would not fit.
std::uint32_t sampling_period(std::uint32_t usual, std::uint64_t launch_ns);

/// Samples of one address for one reason.
struct PcCount {
  std::uint64_t module = 0;  ///< checksum of the device code
  std::string function;      ///< mangled
  std::uint64_t offset = 0;  ///< bytes from the function's start
  std::string reason;
  std::uint64_t samples = 0;
};

/// The warps of one context, sampled while kernels run as they would without it.
///
/// Errors  throws Refused, with sampling switched off again.
class PcSampler {
 public:
  /// `launch_ns`: how long a launch takes; what is longer than the device's buffer lasts is sampled
  /// less often.
  PcSampler(const CuptiLibrary& cupti, CUcontext context, std::uint64_t launch_ns);

  void start();
  void stop();
  /// Hands over what was sampled, and switches sampling off for good.
  std::vector<PcCount> finish();

  /// Of the program's kernels, whatever became of them; and those that the hardware lost.
  std::uint64_t taken() const noexcept { return taken_; }
  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  void learn_reasons();
  std::uint32_t usual_period() const;
  void configure(std::uint64_t launch_ns);
  void take(const CUpti_PCSamplingData& data, std::vector<PcCount>& counts);
  void drain(std::vector<PcCount>& counts);

  const CuptiLibrary& cupti_;
  CUcontext context_;
  std::map<std::uint32_t, std::string> reasons_;
  // What sampling being switched off leaves behind goes here.
  std::unique_ptr<PcBuffer> last_;
  std::uint64_t taken_ = 0, dropped_ = 0;
  bool overflowed_ = false;
  // Last, so that the library has let go of the buffer when that goes.
  Undo disable_;
};

}  // namespace bsfa::profiler
