// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "kernels/common/versioned_struct.h"
#include "kernels/cuda/portable/portable_kernel.h"
#include "kernels/include/bsfa/kernel.h"

/// The entry point of libbsfa.so: the CUDA kernels of this build, the fastest first, for bsfa
/// itself and for any program that speaks the C interface.
extern "C" const bsfa_library* bsfa_open(uint32_t abi_version, char* error, size_t error_size) {
  if (abi_version != BSFA_ABI_VERSION) {
    bsfa::kernels::answer(BSFA_UNSUPPORTED, "implements version 1 of the interface", error,
                          error_size);
    return nullptr;
  }
  static const std::array<const bsfa_kernel*, 1> all = {&bsfa::kernels::cuda::portable_kernel()};
  static const bsfa_library library = {sizeof(bsfa_library),
                                       BSFA_ABI_VERSION,
                                       "bsfa",
                                       BSFA_VERSION,
                                       static_cast<uint32_t>(all.size()),
                                       all.data()};
  return &library;
}
