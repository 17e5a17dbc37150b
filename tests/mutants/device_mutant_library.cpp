// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/device_mutant_library.h"

namespace bsfa::test {
namespace {

constexpr MutantBackend kDeviceBackend = {BSFA_CUDA_DEVICE, device_mutant_workspace,
                                          run_device_mutant};

const MutantTables<kDeviceBackend>& tables() {
  static const MutantTables<kDeviceBackend> instance;
  return instance;
}

}  // namespace

const bsfa_library& device_mutant_library() {
  return tables().library();
}

const bsfa_kernel& device_mutant_table(Mutation mutation) {
  return tables().kernel(mutation);
}

}  // namespace bsfa::test
