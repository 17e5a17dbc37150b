// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_RUNNER
#include "tests/support/main.h"

#include <catch2/catch.hpp>

extern "C" __attribute__((weak)) int bsfa_before_tests() {
  return 0;
}

int main(int argc, char* argv[]) {
  const int refused = bsfa_before_tests();
  return refused != 0 ? refused : Catch::Session().run(argc, argv);
}
