// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <CLI/App.hpp>

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

/// Makes `command` run `run(options, session)` when it is the one given.
template <typename Options>
void on_chosen(CLI::App* command, Commands& commands, std::shared_ptr<Options> options,
               core::ExitCode (*run)(const Options&, const Session&)) {
  command->callback([&commands, options, run] {
    commands.chosen = [options, run](const Session& session) { return run(*options, session); };
  });
}

}  // namespace bsfa::cli
