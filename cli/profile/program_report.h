// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "profiler/host/injected_run.h"

namespace bsfa::cli {

/// What a program launched, process by process. `counted`: counters were asked for; where they were
/// not, how to ask is said.
std::string program_text(const std::string& command, const profiler::InjectedRun& run,
                         bool counted);
std::string program_json(const std::string& command, const profiler::InjectedRun& run,
                         const std::string& command_line);

}  // namespace bsfa::cli
