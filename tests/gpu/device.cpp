// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime/device.h"

#include <cstdio>
#include <cstdlib>

#include "tests/kernels/tested.h"
#include "tests/support/main.h"

using namespace bsfa;

extern "C" int bsfa_before_tests() {
  constexpr int kSkipped = 77;
  if (kernels::cuda::device_count() > 0) return 0;
  std::fputs("skipped: there is no CUDA device\n", stderr);
  return kSkipped;
}

/// "portable" unless the environment names another, so that one set of tests serves every kernel.
kernels::Kernel test::tested_kernel() {
  const char* name = std::getenv("BSFA_TEST_KERNEL");
  return kernels::find_kernel(name != nullptr ? name : "portable");
}
