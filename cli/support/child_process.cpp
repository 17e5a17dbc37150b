// SPDX-License-Identifier: Apache-2.0
#include "cli/support/child_process.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/support/format.h"
#include "core/error.h"
#include "profiler/host/program_arguments.h"

namespace bsfa::cli {
namespace {

constexpr std::chrono::milliseconds kPoll{10};
constexpr std::chrono::seconds kPatience{5};

std::string words(int error) {
  return std::generic_category().message(error);
}

/// What posix_spawn needs, released with it.
class SpawnSettings {
 public:
  SpawnSettings() {
    check(posix_spawn_file_actions_init(&actions_));
    check(posix_spawnattr_init(&attributes_));
    // What this process ignores must not be ignored by a program that never asked for it.
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    check(posix_spawnattr_setsigdefault(&attributes_, &defaults));
    // A group of its own can be stopped with all that it has started.
    check(posix_spawnattr_setpgroup(&attributes_, 0));
    check(posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP));
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void redirect(int descriptor, const std::filesystem::path& to) {
    if (to.empty()) return;
    // Without O_CLOEXEC: it is the program that writes there.
    check(posix_spawn_file_actions_addopen(&actions_, descriptor, to.c_str(),
                                           O_WRONLY | O_CREAT | O_TRUNC, 0600));
  }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  static void check(int error) {
    if (error != 0) throw core::UsageError("a program cannot be started: " + words(error));
  }
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

pid_t start(const ChildProgram& program) {
  SpawnSettings settings;
  settings.redirect(STDOUT_FILENO, program.output);
  settings.redirect(STDERR_FILENO, program.errors);
  auto arguments = program.arguments;
  auto environment = profiler::environment_without(program.without);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, arguments.front().c_str(), settings.actions(),
                                 settings.attributes(), profiler::pointers_to(arguments).data(),
                                 profiler::pointers_to(environment).data());
  if (error != 0) {
    throw core::UsageError(program.arguments.front() + ": cannot be started: " + words(error));
  }
  return pid;
}

/// Whether it has ended; then `status` is how.
bool has_ended(pid_t pid, int& status) {
  const pid_t ended = waitpid(pid, &status, WNOHANG);
  if (ended < 0 && errno != EINTR) {
    throw core::UsageError("a program that was started is lost: " + words(errno));
  }
  return ended == pid;
}

/// The same without taking its status, so that its number stays its own.
bool is_over(pid_t pid) {
  siginfo_t info = {};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         info.si_pid == pid;
}

/// Ends the group of a program.
void stop(pid_t pid) {
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  kill(-pid, SIGTERM);
  while (!is_over(pid) && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(kPoll);
  }
  kill(-pid, SIGKILL);
  int status = 0;
  while (!has_ended(pid, status)) std::this_thread::sleep_for(kPoll);
}

}  // namespace

ChildEnd run_child(const ChildProgram& program, const core::RunControl& control) {
  control.throw_if_cancelled();
  const auto began = std::chrono::steady_clock::now();
  const pid_t pid = start(program);
  int status = 0;
  while (!has_ended(pid, status)) {
    if (control.cancelled()) {
      stop(pid);
      throw core::Interrupted();
    }
    if (program.limit && std::chrono::steady_clock::now() - began > *program.limit) {
      stop(pid);
      return {0, 0, program.limit};
    }
    std::this_thread::sleep_for(kPoll);
  }
  // It may have ended by itself just when it was to be stopped.
  control.throw_if_cancelled();
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status), std::nullopt};
  return {WEXITSTATUS(status), 0, std::nullopt};
}

std::string describe(const ChildEnd& end) {
  if (end.limit) {
    const double seconds = std::chrono::duration<double>(*end.limit).count();
    return "a stop at its limit of " + duration(seconds);
  }
  if (end.signal == 0) return "exit code " + std::to_string(end.code);
  return "signal " + std::to_string(end.signal) + " (" + strsignal(end.signal) + ")";
}

}  // namespace bsfa::cli
