// SPDX-License-Identifier: Apache-2.0
// What CUDA errors become, and what is said where there is no device: needs the toolkit, no GPU.
#include <cstdlib>
#include <cstring>
#include <string>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "kernels/cuda/library/capability.h"
#include "kernels/cuda/runtime/check.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/host/devices.h"
#include "kernels/host/run.h"
#include "tests/kernels/fake_kernel.h"
#include "tests/support/main.h"

using namespace bsfa;
using kernels::cuda::text_of;

/// Nothing here is to see a device, even where there is one.
extern "C" int bsfa_before_tests() {
  return ::setenv("CUDA_VISIBLE_DEVICES", "", 1);
}

TEST_CASE("a CUDA error says what was tried, why it failed and CUDA's own name for it") {
  CHECK(text_of(cudaErrorMemoryAllocation, "allocating 4096 bytes") ==
        "allocating 4096 bytes: out of device memory (cudaErrorMemoryAllocation)");
  CHECK(text_of(cudaErrorNoDevice, "looking for a CUDA device") ==
        "looking for a CUDA device: there is no CUDA device (cudaErrorNoDevice)");
  CHECK_THAT(text_of(cudaErrorInsufficientDriver, "looking"),
             Catch::Contains("no NVIDIA driver, or it is older"));
  CHECK_THAT(text_of(cudaErrorNoKernelImageForDevice, "launching"),
             Catch::Contains("no code for the device's compute capability"));
  CHECK_THAT(text_of(cudaErrorInvalidValue, "copying"), Catch::Contains("invalid argument"));
}

TEST_CASE("errors that stay say that the device is lost, others do not") {
  for (const cudaError_t error :
       {cudaErrorIllegalAddress, cudaErrorLaunchFailure, cudaErrorMisalignedAddress,
        cudaErrorECCUncorrectable, cudaErrorAssert, cudaErrorLaunchTimeout}) {
    CHECK(kernels::cuda::is_sticky(error));
    CHECK_THAT(text_of(error, "running"), Catch::Contains("the device is lost to this process"));
  }
  for (const cudaError_t error :
       {cudaErrorMemoryAllocation, cudaErrorInvalidValue, cudaErrorNoDevice, cudaSuccess}) {
    CHECK_FALSE(kernels::cuda::is_sticky(error));
    CHECK_THAT(text_of(error, "running"), !Catch::Contains("lost"));
  }
}

TEST_CASE("a CUDA error becomes the status and the exception that stand for it") {
  CHECK(kernels::cuda::status_of(cudaSuccess) == BSFA_OK);
  CHECK(kernels::cuda::status_of(cudaErrorMemoryAllocation) == BSFA_OUT_OF_MEMORY);
  CHECK(kernels::cuda::status_of(cudaErrorNoKernelImageForDevice) == BSFA_UNSUPPORTED);
  CHECK(kernels::cuda::status_of(cudaErrorIllegalAddress) == BSFA_DEVICE_ERROR);
  CHECK_NOTHROW(kernels::cuda::check(cudaSuccess, "nothing"));
  CHECK_THROWS_AS(kernels::cuda::check(cudaErrorInvalidValue, "copying"), core::DeviceError);
  char text[24] = "";
  CHECK(kernels::cuda::check(cudaErrorMemoryAllocation, "allocating", text, sizeof text) ==
        BSFA_OUT_OF_MEMORY);
  CHECK(std::string(text) == "allocating: out of devi");
  CHECK(kernels::cuda::check(cudaErrorMemoryAllocation, "allocating", nullptr, 0) ==
        BSFA_OUT_OF_MEMORY);
}

TEST_CASE("without a device, running a CUDA kernel says so in one line") {
  const auto refused = [](auto&& call) {
    try {
      call();
    } catch (const core::DeviceError& error) {
      CHECK(error.exit_code() == core::ExitCode::kDevice);
      const std::string text = error.what();
      CHECK(text.find('\n') == std::string::npos);
      return text;
    }
    return std::string("no error");
  };
  const auto portable = kernels::find_kernel("portable");
  CHECK_THAT(refused([&] { kernels::Runner runner(portable); }),
             Catch::StartsWith("kernel portable: looking for a CUDA device: there is no"));
  CHECK_THAT(refused([] { kernels::find_kernel("cuda"); }), Catch::Contains("there is no"));
  CHECK_THAT(refused([] { kernels::cuda::device_info(0); }), Catch::Contains("there is no"));
  CHECK(kernels::cuda::device_count() == 0);
  CHECK_FALSE(kernels::has_device());
  CHECK(kernels::find_kernel("auto").name() == "cpu");
}

TEST_CASE("a kernel of somebody's library that computes on a device needs one too") {
  const auto device = test::fake_kernel([](bsfa_kernel& k) { k.memory_space = BSFA_CUDA_DEVICE; });
  CHECK_THROWS_WITH(kernels::Runner(device), Catch::StartsWith("fake.so:cpu: looking for"));
}

TEST_CASE("the CUDA kernels of this build are listed with the cpu kernel and found by name") {
  REQUIRE_FALSE(kernels::device_kernels().empty());
  for (const bsfa_kernel* kernel : kernels::device_kernels()) {
    const auto found = kernels::find_kernel(kernel->name);
    CHECK(found.table == kernel);
    CHECK(found.library->origin() == "built-in");
    CHECK(kernel->memory_space == BSFA_CUDA_DEVICE);
    CHECK_THROWS_WITH(kernels::find_kernel("warp9"), Catch::Contains(kernel->name));
  }
}

TEST_CASE("the driver's release is read from what the driver says of itself") {
  using kernels::cuda::driver_release;
  CHECK(driver_release("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19") ==
        "535.104.05");
  CHECK(driver_release("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  "
                       "Release Build  (a@b)\nGCC version:  gcc version 12.3.0") == "580.95.05");
  CHECK(driver_release("").empty());
  CHECK(driver_release("nothing x86_64 to see . here").empty());
}

TEST_CASE("the compute capability decides which kernel is best") {
  CHECK(kernels::cuda::best_kernel(kernels::device_kernels(), 75) == nullptr);
  for (const int capability : {80, 86, 89, 90, 100, 120}) {
    CAPTURE(capability);
    REQUIRE(kernels::cuda::best_kernel(kernels::device_kernels(), capability) != nullptr);
  }
  CHECK(std::string(kernels::cuda::best_kernel(kernels::device_kernels(), 80)->name) == "portable");
}
