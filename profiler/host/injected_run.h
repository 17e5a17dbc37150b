// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "profiler/host/injection_report.h"

namespace bsfa::profiler {

/// What became of a program, and what was seen of each of its processes that used CUDA.
struct InjectedRun {
  int exit_code = 0;  ///< the program's own; 128 + N where signal N ended it
  double wall_ms = 0.0;
  /// The most kernel time first; none where nothing of the program used CUDA, or where all that did
  /// was killed.
  std::vector<InjectionReport> processes;
};

/// libbsfa_inject.so of this build or bundle: beside the running program or in ../lib.
///
/// Errors  throws Refused: it is not there.
std::filesystem::path injection_library();

/// Runs a program, found as a shell would find it, with `library` loaded by the CUDA driver; input
/// and output are this process's own. Signals that are sent to this process meanwhile are passed
/// on to the program.
///
/// Errors   throws core::UsageError: there is no such program, or it cannot be run;
///          core::InputError: a report is broken.
/// Threads  while it runs the calling thread takes INT, TERM, HUP and QUIT; to be called while no
///          other thread would.
InjectedRun run_injected(const std::vector<std::string>& command,
                         const std::filesystem::path& library);

}  // namespace bsfa::profiler
