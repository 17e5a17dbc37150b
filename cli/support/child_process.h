// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/run_control.h"

namespace bsfa::cli {

/// A program to be run beside this one.
struct ChildProgram {
  std::vector<std::string> arguments;    ///< the program itself first; looked for in PATH
  std::set<std::string> without;         ///< variables of this process's environment to leave out
  std::filesystem::path output, errors;  ///< where they go; empty: where ours do
  /// After which it is stopped; none: it may take as long as it likes.
  std::optional<std::chrono::milliseconds> limit;
};

/// How it ended: an exit code, the signal that ended it, or its limit.
struct ChildEnd {
  int code = 0;
  int signal = 0;  ///< 0: none
  std::optional<std::chrono::milliseconds> limit;
};

/// Runs it to its end, in a process group of its own. Asked to stop, or at its limit, the whole
/// group is asked too (SIGTERM, and SIGKILL once it has ended or after five seconds).
///
/// Errors  throws core::UsageError where it cannot be started, core::Interrupted.
ChildEnd run_child(const ChildProgram& program, const core::RunControl& control);

/// "exit code 3", "signal 11 (Segmentation fault)", "a stop at its limit of 60 s".
std::string describe(const ChildEnd& end);

}  // namespace bsfa::cli
