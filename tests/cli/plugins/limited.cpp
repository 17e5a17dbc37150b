// SPDX-License-Identifier: Apache-2.0
// The plain kernel as others: "whole-only" takes no work list, "short" no more than 512 tokens,
// "silent" reports no mask. And the cpu kernel as three: "maskless" and "workless" offer a level
// and fail once they are to prepare for it, "overfull" has more work records than it had planned.
#include <cstdio>

#include "kernels/cpu/cpu_kernel.h"
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

/// What fails does so where nobody asks beforehand.
bsfa_status plan_unless(bsfa_instrumentation level, const bsfa_problem* problem, bsfa_plan** plan,
                        char* error, std::size_t size) {
  if (problem->instrumentation == static_cast<std::uint32_t>(level)) {
    std::snprintf(error, size, "the device has fallen off the bus");
    return BSFA_DEVICE_ERROR;
  }
  const bsfa_kernel& cpu = bsfa::kernels::cpu::kernel();
  return cpu.plan(&cpu, problem, plan, error, size);
}

bsfa_status plan_maskless(const bsfa_kernel*, const bsfa_problem* problem, bsfa_plan** plan,
                          char* error, std::size_t size) {
  return plan_unless(BSFA_INSTRUMENT_MASK, problem, plan, error, size);
}

bsfa_status plan_workless(const bsfa_kernel*, const bsfa_problem* problem, bsfa_plan** plan,
                          char* error, std::size_t size) {
  return plan_unless(BSFA_INSTRUMENT_WORK, problem, plan, error, size);
}

bsfa_status enqueue_overfull(bsfa_plan* plan, const bsfa_arguments* arguments, char* error,
                             std::size_t size) {
  constexpr std::uint64_t kWithoutRoom = 3;
  const bsfa_status status = bsfa::kernels::cpu::kernel().enqueue(plan, arguments, error, size);
  if (arguments->record_count != nullptr) *arguments->record_count += kWithoutRoom;
  return status;
}

}  // namespace

const bsfa_library* bsfa_open(uint32_t, char*, std::size_t) {
  const bsfa_library& plain = bsfa::test::mutant_library();
  static bsfa_kernel whole = *plain.kernels[0], brief = whole, silent = whole;
  static bsfa_kernel maskless = bsfa::kernels::cpu::kernel(), workless = maskless,
                     overfull = maskless;
  whole.name = "whole-only";
  whole.supports = supports_whole;
  brief.name = "short";
  brief.supports = supports_short;
  silent.name = "silent";
  silent.supports = supports_silent;
  silent.instrumentation = BSFA_INSTRUMENT_NONE;
  maskless.name = "maskless";
  maskless.plan = plan_maskless;
  workless.name = "workless";
  workless.plan = plan_workless;
  overfull.name = "overfull";
  overfull.enqueue = enqueue_overfull;
  static const bsfa_kernel* const kernels[] = {&whole,    &brief,    &silent,
                                               &maskless, &workless, &overfull};
  static bsfa_library library = plain;
  library.kernel_count = sizeof kernels / sizeof kernels[0];
  library.kernels = kernels;
  return &library;
}
