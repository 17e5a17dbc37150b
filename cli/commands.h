// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/support/command.h"

namespace bsfa::cli {

/// Each adds one command with its options and help.
void add_compare(CLI::App& app, Commands& commands);
void add_sweep(CLI::App& app, Commands& commands);
void add_bench(CLI::App& app, Commands& commands);
void add_profile(CLI::App& app, Commands& commands);
void add_calibrate(CLI::App& app, Commands& commands);
void add_generate(CLI::App& app, Commands& commands);
void add_thresholds(CLI::App& app, Commands& commands);
void add_diff(CLI::App& app, Commands& commands);
void add_info(CLI::App& app, Commands& commands);
void add_export(CLI::App& app, Commands& commands);

}  // namespace bsfa::cli
