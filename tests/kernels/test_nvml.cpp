// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <catch2/catch.hpp>
#include <dlfcn.h>

#include "kernels/host/nvml.h"

using namespace bsfa;
using kernels::Nvml;

namespace {

constexpr const char* kGpu = "00000000:3b:00.0";

/// Sessions with the fake library that are open.
int open_sessions() {
  void* library = ::dlopen(BSFA_FAKE_NVML, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  const auto count = reinterpret_cast<int (*)()>(::dlsym(library, "fake_nvml_open"));
  REQUIRE(count != nullptr);
  return count();
}

}  // namespace

TEST_CASE(
    "clocks, power, temperature and throttling of a GPU are read, what it refuses is absent") {
  const Nvml nvml(kGpu, BSFA_FAKE_NVML);
  CHECK(nvml.refusal() == "");
  CHECK(nvml.driver() == "580.95.05");
  const auto reading = nvml.read();
  CHECK(reading.sm_clock_mhz == 1755U);
  CHECK(reading.memory_clock_mhz == 3201U);
  CHECK(reading.power_w == 698.5);
  CHECK(reading.power_limit_w == std::nullopt);
  CHECK(reading.temperature_c == 63U);
  CHECK(reading.throttle == std::uint64_t{0x24});
}

TEST_CASE("throttle reasons have names, unknown ones keep their number") {
  CHECK(kernels::throttle_names(0).empty());
  CHECK(kernels::throttle_names(0x24) ==
        std::vector<std::string>{"SwPowerCap", "SwThermalSlowdown"});
  CHECK(kernels::throttle_names(0x4001) == std::vector<std::string>{"GpuIdle", "reasons 16384"});
}

TEST_CASE(
    "every session with the management library is closed, also one that was moved or refused") {
  const int before = open_sessions();
  {
    Nvml first(kGpu, BSFA_FAKE_NVML);
    CHECK(open_sessions() == before + 1);
    const Nvml second(std::move(first));
    CHECK(open_sessions() == before + 1);
    CHECK(second.read().temperature_c == 63U);
    const Nvml refused("00000000:ff:00.0", BSFA_FAKE_NVML);
    CHECK(open_sessions() == before + 1);
  }
  CHECK(open_sessions() == before);
}

TEST_CASE("a GPU or a library that is not there is said, and reads as nothing") {
  const Nvml no_gpu("00000000:ff:00.0", BSFA_FAKE_NVML);
  CHECK_THAT(no_gpu.refusal(), Catch::Contains("GPU 00000000:ff:00.0: Not Found"));
  CHECK(no_gpu.read().sm_clock_mhz == std::nullopt);
  CHECK(no_gpu.driver() == "");
  const Nvml no_library(kGpu, "libno-such-thing.so.1");
  CHECK(no_library.refusal() == "libno-such-thing.so.1 is not there");
  CHECK(no_library.read().throttle == std::nullopt);
  const Nvml another(kGpu, "libm.so.6");
  CHECK_THAT(another.refusal(), Catch::Contains("lacks functions"));
}
