// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <cupti_activity.h>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/cupti_paths.h"
#include "profiler/host/nvtx.h"
#include "tests/profiler_activity/fake_cupti_activity.h"

using namespace bsfa;
using profiler::CuptiLibrary;

namespace {

namespace fs = std::filesystem;

struct Root {
  Root() { fs::create_directories(folder); }
  ~Root() { fs::remove_all(folder); }
  std::string add(const std::string& place) const {
    const fs::path file = folder / place / "libcupti.so.13";
    fs::create_directories(file.parent_path());
    std::ofstream(file) << "not really";
    return file.string();
  }
  fs::path folder = fs::temp_directory_path() / "bsfa-test-cupti-paths";
};

}  // namespace

TEST_CASE("libcupti is looked for by the loader, in toolkits and beside Pythons, newest first") {
  const Root root;
  const auto newer = root.add("usr/local/cuda-13.1/lib64");
  const auto older = root.add("usr/local/cuda-13.0/extras/CUPTI/lib64");
  const auto home = root.add("opt/toolkit/lib");
  const auto pip = root.add("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
  const auto user = root.add("me/.local/lib/python3.12/site-packages/nvidia/cuda_cupti/lib");
  profiler::CuptiSearch search;
  search.root = root.folder.string();
  search.path = "/nowhere/bin:" + (root.folder / "venv/bin").string() + ":relative";
  search.cuda_home = (root.folder / "opt/toolkit").string();
  search.home = (root.folder / "me").string();
  CHECK(profiler::cupti_candidates(search) ==
        std::vector<std::string>{"libcupti.so.13", home, newer, older, pip, user});
  search.named = "/my/own.so";
  CHECK(profiler::cupti_candidates(search) == std::vector<std::string>{"/my/own.so"});
}

TEST_CASE("a library that is not there, is none or is too old is refused with its cause") {
  const auto refusal = [](const std::vector<std::string>& files) -> std::string {
    try {
      const CuptiLibrary library(files);
      return library.path();
    } catch (const profiler::Refused& refused) {
      CHECK_THAT(refused.advice(), Catch::Contains("BSFA_CUPTI"));
      return refused.what();
    }
  };
  CHECK_THAT(refusal({"/no/such.so"}), Catch::StartsWith("no usable CUPTI library: /no/such.so"));
  CHECK_THAT(refusal({"libm.so.6"}), Catch::Contains("has no function cuptiGetVersion"));
  CHECK(refusal({"/no/such.so", BSFA_FAKE_CUPTI}) == BSFA_FAKE_CUPTI);
  auto& fake = test::fake_cupti();
  const std::uint32_t version = std::exchange(fake.version, 120800);
  CHECK_THAT(refusal({BSFA_FAKE_CUPTI}),
             Catch::Contains("is of version 120800, at least 130000 is needed"));
  fake.version = version;
}

TEST_CASE("a result is told in CUPTI's words, on one line, with what can be done") {
  const CuptiLibrary& cupti = CuptiLibrary::get();
  CHECK(cupti.words(CUPTI_ERROR_HARDWARE_BUSY, "cuptiX") == "cuptiX: CUPTI_ERROR_HARDWARE_BUSY");
  CHECK(cupti.words(CUPTI_ERROR_INSUFFICIENT_PRIVILEGES, "cuptiX") ==
        "cuptiX: CUPTI_ERROR_INSUFFICIENT_PRIVILEGES: User doesn't have sufficient rights");
  CHECK_THAT(cupti.words(CUPTI_ERROR_INVALID_KIND, "cuptiX"),
             Catch::StartsWith("cuptiX: result 21"));
  CHECK_THAT(profiler::advice_about(CUPTI_ERROR_MIG_DEVICE_NOT_SUPPORTED),
             Catch::Contains("whole one"));
  CHECK_NOTHROW(cupti.check(CUPTI_SUCCESS, "cuptiX"));
  CHECK_THROWS_WITH(cupti.function<void (*)()>("cuptiNoSuch"),
                    std::string(BSFA_FAKE_CUPTI) + " has no function cuptiNoSuch");
}

TEST_CASE("ranges are listened to by the library that is loaded, unless another is named") {
  ::unsetenv("NVTX_INJECTION64_PATH");
  profiler::let_cupti_hear_ranges();
  CHECK(std::string(std::getenv("NVTX_INJECTION64_PATH")) == BSFA_FAKE_CUPTI);
  ::setenv("NVTX_INJECTION64_PATH", "/another/listener.so", 1);
  profiler::let_cupti_hear_ranges();
  CHECK(std::string(std::getenv("NVTX_INJECTION64_PATH")) == "/another/listener.so");
  ::unsetenv("NVTX_INJECTION64_PATH");
}
