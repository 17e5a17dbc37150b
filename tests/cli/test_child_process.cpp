// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "cli/support/child_process.h"
#include "core/error.h"
#include "core/temporary_folder.h"

using namespace bsfa;
using namespace bsfa::cli;

namespace {

ChildProgram shell(const std::string& script) {
  return {{"sh", "-c", script}, {}, {}, {}, {}};
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A process that was killed may wait for somebody to take note of it.
bool runs(const std::string& pid) {
  const std::string stat = read("/proc/" + pid + "/stat");
  const auto name_ends = stat.rfind(')');
  return name_ends != std::string::npos && stat.compare(name_ends, 3, ") Z") != 0;
}

}  // namespace

TEST_CASE("a program's end is its exit code or its signal") {
  const auto code = run_child(shell("exit 7"), {});
  CHECK((code.code == 7 && code.signal == 0));
  CHECK(describe(code) == "exit code 7");
  const auto signal = run_child(shell("kill -SEGV $$"), {});
  CHECK(signal.signal == SIGSEGV);
  CHECK_THAT(describe(signal), Catch::StartsWith("signal 11 ("));
}

TEST_CASE("what a program writes goes where it is told to, and so does what its children write") {
  const core::TemporaryFolder folder;
  auto program = shell("echo one; echo two >&2; sh -c 'echo three; echo four >&2'");
  program.output = folder.path() / "output";
  program.errors = folder.path() / "errors";
  CHECK(run_child(program, {}).code == 0);
  CHECK(read(program.output) == "one\nthree\n");
  CHECK(read(program.errors) == "two\nfour\n");
}

TEST_CASE("a variable that is left out is not in a program's environment, the others are") {
  REQUIRE(setenv("BSFA_TEST_LEFT_OUT", "x", 1) == 0);
  REQUIRE(setenv("BSFA_TEST_LEFT_OUT_NOT", "y", 1) == 0);
  auto program = shell("test -z \"$BSFA_TEST_LEFT_OUT\" && test \"$BSFA_TEST_LEFT_OUT_NOT\" = y");
  CHECK(run_child(program, {}).code == 1);
  program.without = {"BSFA_TEST_LEFT_OUT"};
  CHECK(run_child(program, {}).code == 0);
}

TEST_CASE("signals that this process ignores end a program that does not") {
  std::signal(SIGPIPE, SIG_IGN);
  CHECK(run_child(shell("kill -PIPE $$"), {}).signal == SIGPIPE);
}

TEST_CASE("a program that is not there is named") {
  CHECK_THROWS_WITH(run_child({{"no-such-program"}, {}, {}, {}, {}}, {}),
                    Catch::StartsWith("no-such-program: cannot be started: "));
}

TEST_CASE("asked to stop, the program is asked too and gone afterwards") {
  const core::TemporaryFolder folder;
  const auto said = folder.path() / "said";
  std::atomic<bool> cancel = false;
  std::thread user([&] {
    while (!std::filesystem::exists(said))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    cancel = true;
  });
  const auto program =
      shell("trap 'echo stopped >" + (folder.path() / "stopped").string() +
            "; exit 0' TERM; echo >" + said.string() + "; while :; do sleep 0.02; done");
  CHECK_THROWS_AS(run_child(program, {0, &cancel, {}}), core::Interrupted);
  user.join();
  CHECK(read(folder.path() / "stopped") == "stopped\n");
}

TEST_CASE("a program that hangs is stopped at its limit with all that it started") {
  const core::TemporaryFolder folder;
  const auto number = (folder.path() / "number").string();
  // Neither hears the polite word.
  auto program = shell("trap '' TERM; sh -c \"trap '' TERM; echo \\$\\$ >" + number +
                       "; while :; do sleep 0.05; done\" & while :; do sleep 0.05; done");
  program.limit = std::chrono::milliseconds(1500);
  const auto end = run_child(program, {});
  REQUIRE(end.limit);
  CHECK(describe(end) == "a stop at its limit of 1.5 s");
  const std::string child = read(number);
  REQUIRE_FALSE(child.empty());
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    gone = !runs(child.substr(0, child.find('\n')));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(gone);
}

TEST_CASE("a program within its limit ends as it would without one") {
  auto program = shell("exit 3");
  program.limit = std::chrono::minutes(5);
  const auto end = run_child(program, {});
  CHECK((end.code == 3 && !end.limit));
}

TEST_CASE("a temporary folder is gone with what is in it") {
  std::filesystem::path path;
  {
    const core::TemporaryFolder folder;
    path = folder.path();
    std::ofstream(path / "file") << "text";
    CHECK(std::filesystem::exists(path / "file"));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}
