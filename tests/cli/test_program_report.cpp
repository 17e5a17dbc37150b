// SPDX-License-Identifier: Apache-2.0
// What is said of a program that was not built with us.
#include <string>

#include <catch2/catch.hpp>

#include "cli/profile/program_report.h"

using namespace bsfa;
using namespace bsfa::cli;

namespace {

profiler::InjectedRun run_of(bool attention_like) {
  profiler::InjectedKernel kernel;
  kernel.name = "kernel";
  kernel.attention_like = attention_like;
  kernel.launches = 3;
  kernel.total_ns = 3000;
  profiler::InjectionReport process;
  process.kernels = {kernel};
  profiler::InjectedRun run;
  run.processes = {process};
  return run;
}

bool tells_how_to_count(const std::string& text) {
  return text.find("--only time,counters counts") != std::string::npos;
}

}  // namespace

TEST_CASE(
    "a report without counters names the option that adds them, where there is what to count") {
  CHECK(tells_how_to_count(program_text("python model.py", run_of(true), false)));
  CHECK_FALSE(tells_how_to_count(program_text("python model.py", run_of(true), true)));
  CHECK_FALSE(tells_how_to_count(program_text("python model.py", run_of(false), false)));
  CHECK_FALSE(tells_how_to_count(program_text("true", {}, false)));
}
