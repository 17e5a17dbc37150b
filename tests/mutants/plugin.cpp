// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "kernels/include/bsfa/kernel.h"
#include "tests/mutants/mutant_library.h"

/// The same kernels as a shared library: PATH.so is the plain kernel, PATH.so:NAME a mutant.
const bsfa_library* bsfa_open(uint32_t abi_version, char* error, size_t error_size) {
  if (abi_version == BSFA_ABI_VERSION) return &bsfa::test::mutant_library();
  if (error != nullptr) std::snprintf(error, error_size, "implements version 1 of the interface");
  return nullptr;
}
