// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/profile/options.h"
#include "cli/support/session.h"

namespace bsfa::cli {

/// Profiles a kernel on one problem and reports; with a COMMAND, the kernels of that program.
core::ExitCode run_profile(const ProfileOptions& options, const Session& session);

/// What a program that was not built with us launches, by what is injected into it.
core::ExitCode profile_program(const ProfileOptions& options, const Session& session);

}  // namespace bsfa::cli
