// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/profile/profile.h"
#include "cli/profile/program_report.h"
#include "cli/support/output.h"
#include "core/error.h"
#include "profiler/host/injected_run.h"
#include "profiler/host/refused.h"

namespace bsfa::cli {
namespace {

std::filesystem::path library() {
  try {
    return profiler::injection_library();
  } catch (const profiler::Refused& refused) {
    throw core::DeviceError(fmt::format("{}; {}", refused.what(), refused.advice()));
  }
}

core::ExitCode outcome(const profiler::InjectedRun& run) {
  const bool seen = std::any_of(run.processes.begin(), run.processes.end(),
                                [](const auto& process) { return !process.kernels.empty(); });
  if (!seen) return core::ExitCode::kDevice;
  return run.exit_code == 0 ? core::ExitCode::kPassed : core::ExitCode::kOutput;
}

}  // namespace

core::ExitCode profile_program(const ProfileOptions& o, const Session& session) {
  std::optional<TextOutput> json;
  if (!o.json.empty()) json.emplace(o.json);
  const std::string command = fmt::format("{}", fmt::join(o.command, " "));
  const auto run = profiler::run_injected(o.command, library());
  if (json) json->finish(program_json(command, run, session.command_line));
  write_stdout(program_text(command, run));
  return outcome(run);
}

}  // namespace bsfa::cli
