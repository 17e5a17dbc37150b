// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include "cli/support/session.h"

namespace bsfa::cli {

// For files that define a command or options. CLI11 takes longer to compile than most of ours do:
// headers that only name CLI::App declare it.

/// Makes `command` run `run(options, session)` when it is the one given.
template <typename Options>
void on_chosen(CLI::App* command, Commands& commands, std::shared_ptr<Options> options,
               core::ExitCode (*run)(const Options&, const Session&)) {
  command->callback([&commands, options, run] {
    commands.chosen = [options, run](const Session& session) { return run(*options, session); };
  });
}

}  // namespace bsfa::cli
