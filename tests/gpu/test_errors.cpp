// SPDX-License-Identifier: Apache-2.0
// Running out of memory, losing the device, leaking.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "kernels/cuda/runtime/device.h"
#include "tests/kernels/fake_kernel.h"
#include "tests/kernels/tested.h"

using namespace bsfa;
using test::run_tested;

namespace {

test::Inputs ordinary_inputs() {
  auto p = test::problem(300, 400, 128);
  p.heads = 2;
  return test::gaussian(p, 41);
}

void require_usable_device() {
  const auto inputs = ordinary_inputs();
  const auto thresholds = test::skipping(inputs, 0.5);
  REQUIRE(test::deviation(inputs, &thresholds, run_tested(inputs, &thresholds)) == "");
}

/// The kernel with a Q that no memory holds.
kernels::Kernel astray() {
  return test::fake_kernel(
      [](bsfa_kernel& k) {
        k.enqueue = [](bsfa_plan* plan, const bsfa_arguments* a, char* e, std::size_t n) {
          bsfa_arguments wrong = *a;
          wrong.q.data = reinterpret_cast<void*>(std::uintptr_t{0x1000});
          return test::tested_kernel().table->enqueue(plan, &wrong, e, n);
        };
      },
      *test::tested_kernel().table);
}

std::string message_of(const kernels::Kernel& kernel, const kernels::RunRequest& request) {
  try {
    kernels::run(kernel, request, {});
  } catch (const core::DeviceError& error) {
    CHECK(error.exit_code() == core::ExitCode::kDevice);
    return error.what();
  }
  return "no device error";
}

}  // namespace

TEST_CASE("outputs larger than the device are refused with their size, and the device goes on") {
  const auto device = kernels::cuda::device_info(0);
  auto p = test::problem(131072, 131072, 128);
  const std::int64_t bytes_per_head = p.q_len * p.head_dim * 2;
  p.heads = static_cast<std::int64_t>(device.memory_bytes) / bytes_per_head + 8;
  auto one_head = p;
  one_head.heads = 1;
  const auto inputs = test::gaussian(one_head, 42);
  kernels::RunRequest request;
  request.problem = p;
  request.inputs = inputs.views();
  request.inputs.q.shape[1] = p.heads;
  request.inputs.q.stride[1] = 0;
  request.want_mask = false;
  const std::string text = message_of(test::tested_kernel(), request);
  CHECK_THAT(text, Catch::StartsWith("kernel ") && Catch::Contains("allocating ") &&
                       Catch::Contains("out of device memory"));
  CHECK(text.find('\n') == std::string::npos);
  require_usable_device();
}

TEST_CASE("200 plans and runs leave the device's free memory as it was") {
  const auto run_all = [](int count) {
    for (int i = 0; i < count; ++i) {
      auto p = test::problem(64 + 3 * i, 500 + 7 * i, i % 2 == 0 ? 64 : 128);
      p.heads = 1 + i % 3;
      p.dtype = i % 5 < 3 ? core::Dtype::kFloat16 : core::Dtype::kBfloat16;
      const auto inputs = test::gaussian(p, static_cast<std::uint64_t>(i));
      const auto thresholds = core::Thresholds::constant(p.heads, p.gate, 1.0F);
      CHECK(run_tested(inputs, i % 4 == 0 ? nullptr : &thresholds).faults.empty());
      kernels::Runner twice(test::tested_kernel());
      kernels::RunRequest request;
      request.problem = p;
      request.inputs = inputs.views();
      twice.run(request, {});
      twice.run(request, {});
    }
  };
  // Code and local memory are loaded once and stay.
  run_all(10);
  const std::size_t before = kernels::cuda::free_memory_bytes();
  run_all(66);
  CHECK(kernels::cuda::free_memory_bytes() == before);
}

TEST_CASE("failed runs leave the device's free memory as it was", "[small]") {
  require_usable_device();
  const auto inputs = ordinary_inputs();
  const auto refuses = test::fake_kernel(
      [](bsfa_kernel& k) {
        k.enqueue = [](bsfa_plan*, const bsfa_arguments*, char*, std::size_t) {
          return BSFA_INVALID_ARGUMENT;
        };
      },
      *test::tested_kernel().table);
  const std::size_t before = kernels::cuda::free_memory_bytes();
  for (int i = 0; i < 20; ++i)
    CHECK_THROWS_AS(test::run(refuses, inputs, nullptr), core::PluginError);
  CHECK(kernels::cuda::free_memory_bytes() == before);
}

// Nothing can be run after it in the same process.
TEST_CASE("a lost device is named as lost, at once and ever after", "[.][lost]") {
  const auto inputs = ordinary_inputs();
  kernels::RunRequest request;
  request.problem = inputs.problem;
  request.inputs = inputs.views();
  CHECK_THAT(message_of(astray(), request),
             Catch::StartsWith("fake.so:") && Catch::Contains("cudaErrorIllegalAddress") &&
                 Catch::Contains("the device is lost to this process"));
  CHECK_THAT(message_of(test::tested_kernel(), request),
             Catch::StartsWith("kernel ") && Catch::Contains("lost to this process"));
}

TEST_CASE("a kernel that reads astray ends its own process's device and no other's") {
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  CHECK(std::system(("'" + self + "' '[lost]' > /dev/null").c_str()) == 0);
  require_usable_device();
}
