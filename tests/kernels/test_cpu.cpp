// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/kernels/tested.h"

using namespace bsfa;
using test::run_cpu;

kernels::Kernel test::tested_kernel() {
  return kernels::find_kernel("cpu");
}

TEST_CASE("the number of threads does not change a bit") {
  auto p = test::problem(600, 600);
  p.heads = 4;
  p.kv_heads = 2;
  const auto inputs = test::gaussian(p, 5);
  const auto thresholds = test::skipping(inputs, 0.5);
  const auto one = run_cpu(inputs, &thresholds, {}, 1);
  for (const int threads : {2, 3, 8}) {
    CAPTURE(threads);
    CHECK(kernels::first_difference(p, {}, one, run_cpu(inputs, &thresholds, {}, threads)) == "");
  }
}
