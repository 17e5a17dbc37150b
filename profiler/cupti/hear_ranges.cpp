// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <exception>

#include "profiler/cupti/cupti_library.h"
#include "profiler/host/nvtx.h"

namespace bsfa::profiler {

void let_cupti_hear_ranges() noexcept {
  constexpr int kKeepAnother = 0;
  try {
    ::setenv("NVTX_INJECTION64_PATH", CuptiLibrary::get().path().c_str(), kKeepAnother);
  } catch (const std::exception&) {
    // Whoever records activity is told.
  }
}

}  // namespace bsfa::profiler
