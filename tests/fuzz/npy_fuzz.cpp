// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/readers.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return bsfa::test::read_all(bsfa::io::read_npy, data, size);
}
