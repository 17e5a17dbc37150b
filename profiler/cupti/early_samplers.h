// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "profiler/cupti/pc_sampler.h"

namespace bsfa::profiler {

/// Samplers of contexts, made when these are: CUPTI gives addresses only in code that was loaded
/// while sampling was enabled, and a kernel's code is loaded long before it is to be sampled.
///
/// Threads  any.
class EarlySamplers {
 public:
  static EarlySamplers& get();

  /// For a context that is being created. Where CUPTI refuses there is none, and whoever wants to
  /// sample is refused for the same reason.
  void add(const CuptiLibrary& cupti, CUcontext context) noexcept;
  /// nullptr where there is none.
  std::unique_ptr<PcSampler> take(CUcontext context);

 private:
  std::mutex mutex_;
  std::map<CUcontext, std::unique_ptr<PcSampler>> samplers_;
};

}  // namespace bsfa::profiler
