// SPDX-License-Identifier: Apache-2.0
// Repeated timing and recording of work on a device.
#include <fstream>
#include <optional>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "kernels/cuda/runtime/device.h"
#include "kernels/host/timed_run.h"
#include "tests/kernels/tested.h"

using namespace bsfa;

namespace {

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  double total = 0.0, resident = 0.0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 0x1p20;
}

}  // namespace

TEST_CASE("a thousand launches with their records leave no memory behind") {
  auto p = test::problem(2048, 2048, 64);
  p.heads = p.kv_heads = 4;
  const auto inputs = test::gaussian(p, 71);
  const auto thresholds = test::skipping(inputs, 0.5);
  kernels::TimedProblem problem(kernels::memory_for(test::tested_kernel()), inputs.problem,
                                inputs.views(), {});
  kernels::TimedRun run(test::tested_kernel(), problem, &thresholds, BSFA_INSTRUMENT_WORK, false);
  std::size_t records = 0;
  const auto repeat = [&](int times) {
    for (int i = 0; i < times; ++i) {
      REQUIRE(run.time() > 0.0);
      const auto told = run.records();
      REQUIRE((records == 0 || told.size() == records));
      records = told.size();
    }
  };
  repeat(100);
  CHECK(records >= 64);
  const double host_before = resident_mib();
  const std::size_t device_before = kernels::cuda::free_memory_bytes();
  repeat(1000);
  constexpr double kMostMib = 8.0;
  CAPTURE(host_before, resident_mib());
  CHECK(resident_mib() - host_before < kMostMib);
  CHECK(kernels::cuda::free_memory_bytes() + (std::size_t{8} << 20) >= device_before);
}
