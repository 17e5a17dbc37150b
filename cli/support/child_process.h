// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
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
};

/// How it ended: an exit code, or the signal that ended it.
struct ChildEnd {
  int code = 0;
  int signal = 0;  ///< 0: none
};

/// Runs it to its end. Asked to stop, it is asked too (SIGTERM, after five seconds SIGKILL).
///
/// Errors  throws core::UsageError where it cannot be started, core::Interrupted.
ChildEnd run_child(const ChildProgram& program, const core::RunControl& control);

/// "exit code 3", "signal 11 (Segmentation fault)".
std::string describe(const ChildEnd& end);

}  // namespace bsfa::cli
