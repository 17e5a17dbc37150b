// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/kept_modules.h"

#include <utility>

#include <cupti_callbacks.h>
#include <cupti_pcsampling.h>

#include "profiler/cupti/undo.h"
#include "profiler/host/collectors.h"

namespace bsfa::profiler {
namespace {

void on_resource(void* kept, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (domain != CUPTI_CB_DOMAIN_RESOURCE || id != CUPTI_CBID_RESOURCE_MODULE_LOADED) return;
  const auto* resource = static_cast<const CUpti_ResourceData*>(data);
  const auto* module = static_cast<const CUpti_ModuleResourceData*>(resource->resourceDescriptor);
  if (module == nullptr || module->pCubin == nullptr) return;
  try {
    static_cast<KeptModules*>(kept)->add(module->pCubin, module->cubinSize);
  } catch (...) {
    // Without memory for a copy its samples have no line.
  }
}

std::uint64_t checksum_of(const CuptiLibrary& cupti, const Cubin& cubin) {
  CUpti_GetCubinCrcParams params{};
  params.size = CUpti_GetCubinCrcParamsSize;
  params.cubin = cubin.data();
  params.cubinSize = cubin.size();
  BSFA_CUPTI(cupti, cuptiGetCubinCrc, &params);
  return params.cubinCrc;
}

}  // namespace

KeptModules& KeptModules::get() {
  // Never destroyed, because modules are loaded until the process has ended.
  static KeptModules& one = *new KeptModules;
  return one;
}

void KeptModules::subscribe(const CuptiLibrary& cupti) {
  const std::lock_guard lock(mutex_);
  if (subscribed_) return;
  // Not ended before the process: a kernel that loads its code later must be seen too.
  CUpti_SubscriberHandle subscriber = nullptr;
  BSFA_CUPTI(cupti, cuptiSubscribe, &subscriber, on_resource, this);
  Undo unsubscribe([&] {
    if (!subscribed_) BSFA_CUPTI(cupti, cuptiUnsubscribe, subscriber);
  });
  constexpr std::uint32_t kEnable = 1;
  BSFA_CUPTI(cupti, cuptiEnableCallback, kEnable, subscriber, CUPTI_CB_DOMAIN_RESOURCE,
             CUPTI_CBID_RESOURCE_MODULE_LOADED);
  subscribed_ = true;
}

const Cubin* KeptModules::find(const CuptiLibrary& cupti, std::uint64_t checksum) {
  const std::lock_guard lock(mutex_);
  // Outside the callback, because a checksum takes time that loading should not.
  while (!unnamed_.empty()) {
    const std::uint64_t name = checksum_of(cupti, unnamed_.back());
    named_.insert_or_assign(name, std::move(unnamed_.back()));
    unnamed_.pop_back();
  }
  const auto found = named_.find(checksum);
  return found == named_.end() ? nullptr : &found->second;
}

void KeptModules::add(const char* cubin, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  unnamed_.emplace_back(cubin, cubin + bytes);
}

void keep_modules() {
  KeptModules::get().subscribe(CuptiLibrary::get());
}

}  // namespace bsfa::profiler
