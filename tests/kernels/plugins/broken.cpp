// SPDX-License-Identifier: Apache-2.0
// A kernel library that is broken in the way that BSFA_TEST_FAULT names.
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "kernels/include/bsfa/kernel.h"

namespace {

bsfa_status supports(const bsfa_kernel*, const bsfa_problem*, char*, std::size_t) {
  throw std::runtime_error("thrown across the interface");
}
bsfa_status plan(const bsfa_kernel*, const bsfa_problem*, bsfa_plan**, char*, std::size_t) {
  return BSFA_INTERNAL_ERROR;
}
bsfa_status describe(const bsfa_plan*, bsfa_plan_info*, char*, std::size_t) {
  return BSFA_INTERNAL_ERROR;
}
bsfa_status enqueue(bsfa_plan*, const bsfa_arguments*, char*, std::size_t) {
  return BSFA_INTERNAL_ERROR;
}
void destroy(bsfa_plan*) {}

bsfa_kernel kernel;
const bsfa_kernel* kernels[] = {&kernel, &kernel};
bsfa_library library;

}  // namespace

extern "C" BSFA_EXPORT const bsfa_library* bsfa_open(uint32_t, char* error, size_t error_size) {
  const char* named = std::getenv("BSFA_TEST_FAULT");
  const std::string_view fault = named != nullptr ? named : "";
  kernel = {sizeof(bsfa_kernel),
            BSFA_ABI_VERSION,
            "broken",
            "",
            BSFA_HOST,
            BSFA_INSTRUMENT_NONE,
            nullptr,
            supports,
            plan,
            describe,
            enqueue,
            destroy};
  kernels[0] = &kernel;
  library = {sizeof(bsfa_library), BSFA_ABI_VERSION, "broken", "test", 1, kernels};
  if (fault == "abi") {
    std::snprintf(error, error_size, "built for version 9 only");
    return nullptr;
  }
  if (fault == "open-throws") throw std::runtime_error("no kernels here");
  if (fault == "library-version") library.version = 2;
  if (fault == "library-size") library.size = 8;
  if (fault == "no-kernels") library.kernel_count = 0;
  if (fault == "many-kernels") library.kernel_count = 0xFFFFFFFF;
  if (fault == "null-kernel") kernels[0] = nullptr;
  if (fault == "kernel-size") kernel.size = 16;
  if (fault == "kernel-version") kernel.version = 3;
  if (fault == "no-name") kernel.name = "";
  if (fault == "null-function") kernel.enqueue = nullptr;
  if (fault == "same-name") library.kernel_count = 2;
  return &library;
}
