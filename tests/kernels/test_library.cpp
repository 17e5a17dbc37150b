// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "core/error.h"
#include "tests/kernels/support.h"

using namespace bsfa;

namespace {

const std::string kBroken = BSFA_BROKEN_PLUGIN;
const std::string kNoKernel = BSFA_NO_KERNEL_PLUGIN;

std::string message_of(const std::string& spec) {
  try {
    kernels::find_kernel(spec);
  } catch (const core::Error& error) {
    return error.what();
  }
  return "no error";
}

/// Makes the broken plugin broken in one way, for as long as it lives.
struct Fault {
  explicit Fault(const char* name) { ::setenv("BSFA_TEST_FAULT", name, 1); }
  ~Fault() { ::unsetenv("BSFA_TEST_FAULT"); }
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;
};

}  // namespace

TEST_CASE("the cpu kernel is built in") {
  const auto kernel = kernels::find_kernel("cpu");
  CHECK(kernel.name() == "cpu");
  CHECK(kernel.library->origin() == "built-in");
  CHECK(kernel.table->memory_space == BSFA_HOST);
}

TEST_CASE("an unknown kernel name lists what there is") {
  CHECK_THROWS_AS(kernels::find_kernel("warp9"), core::UsageError);
  CHECK_THAT(message_of("warp9"), Catch::Contains("warp9") && Catch::Contains("cpu"));
}

TEST_CASE("a file that is not there, or is no shared library, is refused by name") {
  CHECK_THROWS_AS(kernels::find_kernel("./not/there.so"), core::PluginError);
  CHECK_THAT(message_of("./not/there.so"), Catch::Contains("./not/there.so: no such file"));
  const auto path =
      std::filesystem::temp_directory_path() / ("bsfa-text-" + std::to_string(::getpid()) + ".so");
  std::ofstream(path) << "this is text";
  CHECK_THAT(message_of(path.string()), Catch::Contains("not a usable shared library"));
  std::filesystem::remove(path);
}

TEST_CASE("a shared library without bsfa_open is no kernel library") {
  CHECK_THROWS_AS(kernels::find_kernel(kNoKernel), core::PluginError);
  CHECK_THAT(message_of(kNoKernel), Catch::Contains("bsfa_open"));
}

TEST_CASE("every broken table is refused with its reason") {
  const auto [fault, reason] = GENERATE(table<const char*, const char*>({
      {"abi", "built for version 9 only"},
      {"open-throws", "bsfa_open threw an exception: no kernels here"},
      {"library-version", "version 2"},
      {"library-size", "8 bytes"},
      {"no-kernels", "no kernel"},
      {"many-kernels", "4294967295 kernels"},
      {"null-kernel", "null pointer"},
      {"kernel-size", "16 bytes"},
      {"kernel-version", "version 3"},
      {"no-name", "no name"},
      {"null-function", "lacks a function"},
      {"same-name", "two kernels named 'broken'"},
  }));
  const Fault active(fault);
  CAPTURE(fault);
  CHECK_THROWS_AS(kernels::find_kernel(kBroken), core::PluginError);
  CHECK_THAT(message_of(kBroken), Catch::Contains(reason) && Catch::Contains(kBroken));
}

TEST_CASE("a plugin that loads and then throws fails the run, not the process") {
  const auto kernel = kernels::find_kernel(kBroken);
  const auto inputs = test::gaussian(test::problem(64, 64), 1);
  CHECK_THROWS_AS(test::run(kernel, inputs, nullptr), core::PluginError);
  CHECK_THROWS_WITH(
      test::run(kernel, inputs, nullptr),
      Catch::Contains("supports threw") && Catch::Contains("thrown across the interface"));
}
