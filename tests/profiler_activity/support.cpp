// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <dlfcn.h>

#include "profiler/cupti/current_device.h"
#include "tests/profiler_activity/fake_cupti_activity.h"
#include "tests/support/main.h"

namespace bsfa {

test::FakeCupti& test::fake_cupti() {
  void* library = ::dlopen(BSFA_FAKE_CUPTI, RTLD_NOW | RTLD_LOCAL);
  const auto state = library == nullptr
                         ? nullptr
                         : reinterpret_cast<FakeCupti* (*)()>(::dlsym(library, "fake_cupti_state"));
  if (state == nullptr) std::abort();
  return *state();
}

/// There is no device that the real one could find.
profiler::CurrentDevice profiler::current_device() {
  return {};
}

}  // namespace bsfa

extern "C" int bsfa_before_tests() {
  constexpr int kReplace = 1;
  return ::setenv("BSFA_CUPTI", BSFA_FAKE_CUPTI, kReplace);
}
