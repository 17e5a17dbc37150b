// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/early_samplers.h"

#include <utility>

namespace bsfa::profiler {

EarlySamplers& EarlySamplers::get() {
  // Never destroyed, because contexts come and go until the process has ended.
  static EarlySamplers& one = *new EarlySamplers;
  return one;
}

void EarlySamplers::add(const CuptiLibrary& cupti, CUcontext context) noexcept {
  try {
    // Outside the lock: what enabling does in the context is reported to the same subscriber.
    auto sampler = std::make_unique<PcSampler>(cupti, context);
    const std::lock_guard lock(mutex_);
    samplers_[context] = std::move(sampler);
  } catch (...) {
    // As said.
  }
}

std::unique_ptr<PcSampler> EarlySamplers::take(CUcontext context) {
  const std::lock_guard lock(mutex_);
  const auto found = samplers_.find(context);
  if (found == samplers_.end()) return nullptr;
  auto sampler = std::move(found->second);
  samplers_.erase(found);
  return sampler;
}

}  // namespace bsfa::profiler
