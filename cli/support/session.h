// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "core/error.h"
#include "core/run_control.h"

namespace bsfa::cli {

/// What every command knows of the invocation.
struct Session {
  std::string command_line;
  const std::atomic<bool>* cancel = nullptr;

  core::RunControl control(int threads) const { return {threads, cancel, {}}; }
};

/// The command that parsing chose; main() runs it afterwards.
struct Commands {
  std::function<core::ExitCode(const Session&)> chosen;
};

}  // namespace bsfa::cli
