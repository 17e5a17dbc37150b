// SPDX-License-Identifier: Apache-2.0
// Device runs on a CUDA runtime whose every call can be made to fail.
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "core/error.h"
#include "kernels/host/timed_run.h"
#include "tests/kernels/fake_cuda_runtime.h"
#include "tests/kernels/fake_kernel.h"
#include "tests/kernels/support.h"

using namespace bsfa;
using test::fake_cuda;

namespace {

kernels::Kernel device_kernel() {
  return test::fake_kernel([](bsfa_kernel& k) { k.memory_space = BSFA_CUDA_DEVICE; });
}

test::Inputs small_inputs() {
  auto p = test::problem(200, 300);
  p.heads = 2;
  return test::gaussian(p, 31);
}

void run_checked(const test::Inputs& inputs, const core::Thresholds& thresholds) {
  test::run(device_kernel(), inputs, &thresholds);
}

void run_timed(const test::Inputs& inputs, const core::Thresholds& thresholds) {
  kernels::TimedProblem problem(kernels::memory_for(device_kernel()), inputs.problem,
                                inputs.views(), {});
  kernels::TimedRun run(device_kernel(), problem, &thresholds, BSFA_INSTRUMENT_WORK);
  run.gating();
}

using Way = void (*)(const test::Inputs&, const core::Thresholds&);

/// Runs with call number `call` failing; the message, or empty where the run went through.
std::string message_with_failure(Way way, int call, cudaError_t error, bool sticky,
                                 const test::Inputs& inputs, const core::Thresholds& thresholds) {
  fake_cuda() = {};
  fake_cuda().fail_call = call;
  fake_cuda().error = error;
  fake_cuda().sticky = sticky;
  try {
    way(inputs, thresholds);
  } catch (const core::DeviceError& failure) {
    return failure.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a run through the CUDA runtime gives what a host run gives and frees all it took") {
  fake_cuda() = {};
  const auto inputs = small_inputs();
  const auto thresholds = test::skipping(inputs, 0.5);
  const auto result = test::run(device_kernel(), inputs, &thresholds);
  CHECK(result.faults.empty());
  CHECK(result.elapsed_ms == 2.5);
  CHECK(kernels::first_difference(inputs.problem, {}, test::run_cpu(inputs, &thresholds), result) ==
        "");
  CHECK(fake_cuda().objects == 0);
  CHECK(fake_cuda().used_bytes == 0);
}

TEST_CASE("whichever CUDA call fails, the run says so with the kernel's name and frees all") {
  const bool sticky = GENERATE(false, true);
  const Way way = GENERATE(&run_checked, &run_timed);
  const cudaError_t error = sticky ? cudaErrorIllegalAddress : cudaErrorInvalidValue;
  const auto inputs = small_inputs();
  const auto thresholds = test::skipping(inputs, 0.5);
  fake_cuda() = {};
  way(inputs, thresholds);
  const int calls = fake_cuda().calls;
  // Freeing has nobody to tell.
  const std::set<std::string> ignored = {"cudaFree", "cudaStreamDestroy", "cudaEventDestroy"};
  int reported = 0, unreported = 0;
  for (int call = 1; call <= calls; ++call) {
    const std::string text = message_with_failure(way, call, error, sticky, inputs, thresholds);
    REQUIRE(fake_cuda().failed_call != nullptr);
    CAPTURE(call, fake_cuda().failed_call, text);
    CHECK(fake_cuda().objects == 0);
    CHECK(fake_cuda().used_bytes == 0);
    if (text.empty()) {
      // The last call of all sets the thread's device back.
      CHECK((ignored.count(fake_cuda().failed_call) == 1 || call == calls));
      ++unreported;
      continue;
    }
    ++reported;
    CHECK_THAT(text, Catch::StartsWith("fake.so:cpu: ") && Catch::Contains(": CUDA's own words ("));
    CHECK((text.find("lost to this process") != std::string::npos) == sticky);
  }
  CHECK(reported > 30);
  CHECK(unreported > 0);
}

TEST_CASE("a timed run copies over the cache and is known by its address") {
  fake_cuda() = {};
  const auto inputs = small_inputs();
  {
    const auto memory = kernels::memory_for(device_kernel());
    CHECK(memory->cache_bytes() == 4096);
    CHECK(memory->pci_bus_id() == "00000000:3b:00.0");
  }
  kernels::TimedProblem problem(kernels::memory_for(device_kernel()), inputs.problem,
                                inputs.views(), {});
  kernels::TimedRun run(device_kernel(), problem, nullptr, BSFA_INSTRUMENT_NONE);
  CHECK(run.time() == 2.5);
  const int calls = fake_cuda().calls;
  CHECK(run.time() == 2.5);
  // The flush, two events, waiting for the second, and the time between them.
  CHECK(fake_cuda().calls == calls + 5);
}

TEST_CASE("device memory that runs out is reported with what was asked for and what is free") {
  fake_cuda() = {};
  fake_cuda().total_bytes = 200'000;
  const auto inputs = small_inputs();
  CHECK_THROWS_WITH(test::run(device_kernel(), inputs, nullptr),
                    Catch::StartsWith("fake.so:cpu: allocating ") &&
                        Catch::Contains(" of 200000 are free)") &&
                        Catch::Contains("out of device memory"));
  CHECK(fake_cuda().objects == 0);
  fake_cuda().total_bytes = std::size_t{1} << 30;
  CHECK(test::run(device_kernel(), inputs, nullptr).faults.empty());
}
