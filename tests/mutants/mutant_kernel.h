// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "kernels/host/library.h"
#include "tests/mutants/mutant_library.h"

namespace bsfa::test {

/// The plain kernel with one mutation, as the product sees any kernel.
inline kernels::Kernel mutant_kernel(Mutation mutation) {
  class InProcess : public kernels::Library {
   public:
    InProcess() {
      origin_ = "in-process mutants";
      table_ = &mutant_library();
    }
  };
  return {std::make_shared<InProcess>(), &mutant_table(mutation)};
}

}  // namespace bsfa::test
