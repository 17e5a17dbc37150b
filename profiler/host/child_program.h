// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace bsfa::profiler {

/// Runs a program to its end, with some variables added to its environment; input and output are
/// this process's own. INT, TERM, HUP and QUIT that another process sends here meanwhile are passed
/// on; those of the terminal reach the program by themselves.
///
/// Returns  its exit code; 128 + N where signal N ended it.
/// Errors   throws core::UsageError: there is no such program, or it cannot be run.
int run_program(const std::vector<std::string>& command,
                const std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace bsfa::profiler
