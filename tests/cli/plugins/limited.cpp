// SPDX-License-Identifier: Apache-2.0
// The plain kernel as three others: "whole-only" takes no work list, "short" no more than 512
// tokens, "silent" reports no mask.
#include <cstdio>

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/mutant_library.h"

namespace {

bsfa_status refuse(const char* text, char* error, std::size_t size) {
  std::snprintf(error, size, "%s", text);
  return BSFA_UNSUPPORTED;
}

bsfa_status supports_whole(const bsfa_kernel* kernel, const bsfa_problem* problem, char* error,
                           std::size_t size) {
  if (problem->max_work_items > 0) return refuse("takes no work list", error, size);
  return bsfa::test::mutant_library().kernels[0]->supports(kernel, problem, error, size);
}

bsfa_status supports_short(const bsfa_kernel* kernel, const bsfa_problem* problem, char* error,
                           std::size_t size) {
  if (problem->kv_len > 512) return refuse("takes at most 512 tokens", error, size);
  return bsfa::test::mutant_library().kernels[0]->supports(kernel, problem, error, size);
}

bsfa_status supports_silent(const bsfa_kernel* kernel, const bsfa_problem* problem, char* error,
                            std::size_t size) {
  if (problem->instrumentation > BSFA_INSTRUMENT_NONE) return refuse("no mask", error, size);
  return bsfa::test::mutant_library().kernels[0]->supports(kernel, problem, error, size);
}

}  // namespace

const bsfa_library* bsfa_open(uint32_t, char*, std::size_t) {
  const bsfa_library& plain = bsfa::test::mutant_library();
  static bsfa_kernel whole = *plain.kernels[0], brief = whole, silent = whole;
  whole.name = "whole-only";
  whole.supports = supports_whole;
  brief.name = "short";
  brief.supports = supports_short;
  silent.name = "silent";
  silent.supports = supports_silent;
  silent.instrumentation = BSFA_INSTRUMENT_NONE;
  static const bsfa_kernel* const kernels[] = {&whole, &brief, &silent};
  static bsfa_library library = plain;
  library.kernel_count = 3;
  library.kernels = kernels;
  return &library;
}
