// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/child_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <set>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "profiler/host/program_arguments.h"

namespace bsfa::profiler {
namespace {

constexpr std::array kPassedOn = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

[[noreturn]] void fail(const std::string& what, int error) {
  throw core::UsageError(what + ": " + std::strerror(error));
}

/// Keeps the signals that concern the program for sigwaitinfo, as long as it lives.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&held_);
    for (const int signal : kPassedOn) sigaddset(&held_, signal);
    sigaddset(&held_, SIGCHLD);
    const int error = pthread_sigmask(SIG_BLOCK, &held_, &before_);
    if (error != 0) fail("holding signals", error);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  const sigset_t& held() const noexcept { return held_; }
  const sigset_t& before() const noexcept { return before_; }

 private:
  sigset_t held_{}, before_{};
};

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) fail("making a pipe", errno);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(ends_[0]);
    close_writing();
  }

  void close_writing() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  void write(int value) noexcept {
    // The reader is there until the process is; nothing could be said anywhere else.
    [[maybe_unused]] const auto written = ::write(ends_[1], &value, sizeof value);
  }
  /// 0 where the other end was closed without a value.
  int read() noexcept {
    int value = 0;
    ssize_t bytes = 0;
    do {
      bytes = ::read(ends_[0], &value, sizeof value);
    } while (bytes < 0 && errno == EINTR);
    return bytes == sizeof value ? value : 0;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// NAME=VALUE of this process, those of `variables` replaced or added.
std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& variables) {
  std::set<std::string> names;
  for (const auto& variable : variables) names.insert(variable.first);
  std::vector<std::string> entries = environment_without(names);
  for (const auto& [name, value] : variables) {
    entries.push_back(std::string(name).append("=").append(value));
  }
  return entries;
}

int wait_for(pid_t child, const sigset_t& signals) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(child, &status, WNOHANG);
    if (ended == child) {
      constexpr int kSignalled = 128;
      return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
    }
    if (ended < 0 && errno != EINTR) fail("waiting for the program", errno);
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&signals, &info);
    // The terminal sends to the program as well; a code above 0 is the kernel's.
    if (signal > 0 && signal != SIGCHLD && info.si_code <= 0) ::kill(child, signal);
  }
}

}  // namespace

int run_program(const std::vector<std::string>& command,
                const std::vector<std::pair<std::string, std::string>>& variables) {
  if (command.empty()) throw core::UsageError("no program is named");
  std::vector<std::string> words = command;
  std::vector<std::string> entries = environment_with(variables);
  const std::vector<char*> arguments = pointers_to(words);
  const std::vector<char*> environment = pointers_to(entries);
  Pipe failure;
  const HeldSignals signals;
  const pid_t child = ::fork();
  if (child < 0) fail("starting " + command.front(), errno);
  if (child == 0) {
    pthread_sigmask(SIG_SETMASK, &signals.before(), nullptr);
    ::execvpe(arguments[0], arguments.data(), environment.data());
    failure.write(errno);
    constexpr int kNotRun = 127;
    ::_exit(kNotRun);
  }
  failure.close_writing();
  const int error = failure.read();
  const int code = wait_for(child, signals.held());
  if (error != 0) fail(command.front() + " cannot be run", error);
  return code;
}

}  // namespace bsfa::profiler
