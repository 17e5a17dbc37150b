// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/portable/portable_kernel.h"

#include "kernels/common/versioned_struct.h"

namespace bsfa::kernels::cuda {
namespace {

bsfa_status refuse(char* error, std::size_t size) noexcept {
  return answer(BSFA_UNSUPPORTED, "no problem yet", error, size);
}

bsfa_status supports(const bsfa_kernel*, const bsfa_problem*, char* error,
                     std::size_t size) noexcept {
  return refuse(error, size);
}

bsfa_status make_plan(const bsfa_kernel*, const bsfa_problem*, bsfa_plan**, char* error,
                      std::size_t size) noexcept {
  return refuse(error, size);
}

bsfa_status describe(const bsfa_plan*, bsfa_plan_info*, char* error, std::size_t size) noexcept {
  return refuse(error, size);
}

bsfa_status enqueue(bsfa_plan*, const bsfa_arguments*, char* error, std::size_t size) noexcept {
  return refuse(error, size);
}

void destroy(bsfa_plan*) noexcept {}

}  // namespace

const bsfa_kernel& portable_kernel() noexcept {
  static const bsfa_kernel table = {
      sizeof(bsfa_kernel),
      BSFA_ABI_VERSION,
      "portable",
      "gated FlashAttention forward with mma.sync, any GPU from sm_80",
      BSFA_CUDA_DEVICE,
      BSFA_INSTRUMENT_WARPS,
      nullptr,
      supports,
      make_plan,
      describe,
      enqueue,
      destroy};
  return table;
}

}  // namespace bsfa::kernels::cuda
