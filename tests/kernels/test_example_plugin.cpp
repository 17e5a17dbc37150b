// SPDX-License-Identifier: Apache-2.0
// Run by out_of_tree.cmake, which builds the plugin and says where it is.
#include <cstdlib>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "tests/kernels/support.h"

using namespace bsfa;

namespace {

kernels::Kernel example() {
  const char* path = std::getenv("BSFA_EXAMPLE_PLUGIN");
  REQUIRE(path != nullptr);
  return kernels::find_kernel(path);
}

test::Inputs inputs_for(core::Dtype dtype) {
  auto p = test::problem(300, 420);
  p.heads = 4;
  p.kv_heads = 2;
  p.dtype = dtype;
  return test::gaussian(p, 21);
}

}  // namespace

TEST_CASE("the example plugin is right on a gated problem") {
  const auto inputs = inputs_for(core::Dtype::kBfloat16);
  const auto thresholds = test::skipping(inputs, 0.5);
  const auto result = test::run(example(), inputs, &thresholds);
  CHECK(test::count(result.mask, 1) > 0);
  CHECK(test::count(result.mask, 2) > 0);
  CHECK(test::deviation(inputs, &thresholds, result) == "");
  CHECK(result.records.empty());
}

TEST_CASE("the example plugin is found by the name of its kernel") {
  const char* path = std::getenv("BSFA_EXAMPLE_PLUGIN");
  REQUIRE(path != nullptr);
  CHECK(kernels::find_kernel(std::string(path) + ":naive").name() == "naive");
  CHECK_THROWS_WITH(kernels::find_kernel(std::string(path) + ":other"),
                    Catch::Contains("other") && Catch::Contains("naive"));
}

TEST_CASE("the example plugin computes a work list alone") {
  const auto inputs = inputs_for(core::Dtype::kBfloat16);
  const std::vector<core::WorkItem> items = {{0, 1, 2}, {0, 3, 0}};
  const auto whole = test::run(example(), inputs, nullptr);
  const auto part = test::run(example(), inputs, nullptr, items);
  CHECK(part.faults.empty());
  CHECK(kernels::first_difference(inputs.problem, items, whole, part) == "");
}

TEST_CASE("what the example plugin does not support is said in its own words") {
  const auto inputs = inputs_for(core::Dtype::kFloat16);
  CHECK_THROWS_AS(test::run(example(), inputs, nullptr), core::UsageError);
  CHECK_THROWS_WITH(test::run(example(), inputs, nullptr), Catch::Contains("only bf16"));
}
