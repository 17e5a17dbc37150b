// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "profiler/host/injected_run.h"

namespace bsfa::cli {

/// What a program launched, process by process.
std::string program_text(const std::string& command, const profiler::InjectedRun& run);
std::string program_json(const std::string& command, const profiler::InjectedRun& run,
                         const std::string& command_line);

}  // namespace bsfa::cli
