// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "core/error.h"
#include "profiler/host/child_program.h"
#include "profiler/host/injected_run.h"
#include "profiler/host/refused.h"

using namespace bsfa;

namespace {

const std::string kProgram = BSFA_INJECTED_PROGRAM;

std::size_t folders_left() {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("bsfa-") && name.size() == 11) ++count;
  }
  return count;
}

}  // namespace

TEST_CASE("a program's exit code is kept, and that of a signal that ended it") {
  CHECK(profiler::run_program({kProgram}, {}) == 0);
  CHECK(profiler::run_program({kProgram, "exit", "7"}, {}) == 7);
  CHECK(profiler::run_program({kProgram, "abort"}, {}) == 128 + SIGABRT);
  // Found as a shell would find it.
  CHECK(profiler::run_program({"true"}, {}) == 0);
  CHECK(profiler::run_program({"false"}, {}) == 1);
}

TEST_CASE("variables are added to the environment and replace what it has") {
  ::setenv("BSFA_TEST_KEPT", "kept", 1);
  ::setenv("BSFA_TEST_REPLACED", "old", 1);
  CHECK(profiler::run_program(
            {"sh", "-c", "test $BSFA_TEST_KEPT-$BSFA_TEST_REPLACED-$BSFA_TEST_NEW = kept-new-x"},
            {{"BSFA_TEST_REPLACED", "new"}, {"BSFA_TEST_NEW", "x"}}) == 0);
  CHECK(std::string(std::getenv("BSFA_TEST_REPLACED")) == "old");
}

TEST_CASE("a program that is not there or cannot be run is a usage error with its cause") {
  CHECK_THROWS_WITH(profiler::run_program({"no-such-program-anywhere"}, {}),
                    "no-such-program-anywhere cannot be run: No such file or directory");
  CHECK_THROWS_WITH(profiler::run_program({"/etc/"}, {}), Catch::Contains("Permission denied"));
  CHECK_THROWS_AS(profiler::run_program({}, {}), core::UsageError);
}

TEST_CASE("a signal that is sent to us is passed on to the program, and does not end us") {
  const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
  const pid_t self = ::getpid();
  // Sent again and again, because the program may not yet have started.
  std::jthread sender([&](std::stop_token stop) {
    // Sent to the one thread that holds it, were it for this one it would end the process.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    if (!stop.stop_requested()) ::kill(self, signal);
  });
  CHECK(profiler::run_program({kProgram, "wait"}, {}) == 128 + signal);
}

TEST_CASE("a program that uses no CUDA gives no report, and nothing is left behind") {
  const auto before = folders_left();
  const auto run = profiler::run_injected({kProgram, "exit", "3"}, "/no/such/library.so");
  CHECK(run.exit_code == 3);
  CHECK(run.processes.empty());
  CHECK(run.wall_ms > 0.0);
  CHECK(folders_left() == before);
}

TEST_CASE("a broken report is refused by its name, and nothing is left behind") {
  const auto before = folders_left();
  CHECK_THROWS_AS(profiler::run_injected({kProgram, "report", "{\"format\":"}, "/no/library.so"),
                  core::InputError);
  CHECK(folders_left() == before);
}
