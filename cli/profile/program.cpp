// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/profile/profile.h"
#include "cli/profile/program_report.h"
#include "cli/support/output.h"
#include "core/error.h"
#include "profiler/host/injected_run.h"
#include "profiler/host/metric_sets.h"
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

/// Has the injected library count as well. Read by it from its environment, which is ours.
void ask_for_counters(const ProfileOptions& o) {
  std::string metrics = "1";  // the built-in ones
  if (!o.metrics.empty()) {
    static_cast<void>(profiler::read_metric_file(o.metrics));
    metrics = std::filesystem::absolute(o.metrics).string();
  }
  if (::setenv("BSFA_INJECT_COUNTERS", metrics.c_str(), 1) != 0) {
    throw core::DeviceError("BSFA_INJECT_COUNTERS cannot be set in the environment");
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
  const bool counted = !o.only.empty() && collected(o).contains(Collected::kCounters);
  if (counted) ask_for_counters(o);
  const auto run = profiler::run_injected(o.command, library());
  if (json) json->finish(program_json(command, run, session.command_line));
  write_stdout(program_text(command, run, counted));
  return outcome(run);
}

}  // namespace bsfa::cli
