// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/options.h"

#include <algorithm>
#include <array>
#include <utility>

#include "cli/support/command.h"
#include "cli/support/output.h"
#include "core/error.h"

namespace bsfa::cli {
namespace {

constexpr std::array kNames = {"time", "work", "counters", "samples", "stalls"};
/// What can be said of a program that is profiled; all else is about a problem.
constexpr std::array kOfPrograms = {"--only", "--metrics", "--json", "COMMAND"};

void add_collecting_options(CLI::App& command, ProfileOptions& o) {
  const std::string group = "What is collected";
  command.add_option("--only", o.only, "of time, work, counters, samples, stalls (default: all)")
      ->delimiter(',')
      ->type_name("NAME")
      ->group(group);
  command.add_option("--metrics", o.metrics, "sets of metrics instead of the built-in ones")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--interval", o.interval_us, "microseconds between samples")
      ->type_name("US")
      ->check(CLI::Range(0.25, 1e6).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--max-time", o.max_seconds, "seconds after which no round of timing begins")
      ->type_name("S")
      ->check(CLI::Range(0.0, 86400.0).description(""))
      ->capture_default_str()
      ->group(group);
  command.add_option("--source", o.sources, "folder of the kernel's source files; repeatable")
      ->type_name("FOLDER")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
}

std::vector<std::string> given_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0) names.push_back(option->get_name());
  }
  return names;
}

/// What would be taken and not followed.
std::string about_problems(const ProfileOptions& o) {
  std::string names;
  for (const std::string& name : o.given ? o.given() : std::vector<std::string>()) {
    if (std::find(kOfPrograms.begin(), kOfPrograms.end(), name) != kOfPrograms.end()) continue;
    names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

void require_no_problem(const ProfileOptions& o) {
  if (!o.source.qkv.empty() || !o.source.generate.empty()) {
    throw core::UsageError("either a problem is profiled or a COMMAND, not both");
  }
  if (!o.trace.empty()) {
    throw core::UsageError("--out: a trace is of a problem; for a COMMAND there is --json");
  }
  for (const Collected what : {Collected::kWork, Collected::kSamples, Collected::kStalls}) {
    if (o.only.empty() || !collected(o).contains(what)) continue;
    throw core::UsageError("--only: time and counters are what a COMMAND can be asked for");
  }
  if (const std::string names = about_problems(o); !names.empty()) {
    throw core::UsageError(names + ": of a problem, and a COMMAND is profiled");
  }
  if (o.json == "-") {
    throw core::UsageError("--json -: the COMMAND writes to standard output too; name a file");
  }
}

}  // namespace

std::string_view name_of(Collected what) noexcept {
  return kNames[static_cast<std::size_t>(what)];
}

std::set<Collected> collected(const ProfileOptions& o) {
  std::set<Collected> all, asked;
  for (std::size_t i = 0; i < kNames.size(); ++i) all.insert(static_cast<Collected>(i));
  for (const std::string& name : o.only) {
    const std::size_t before = asked.size();
    for (const Collected what : all) {
      if (name == name_of(what)) asked.insert(what);
    }
    if (asked.size() == before) {
      throw core::UsageError("--only: " + name +
                             " is not one of time, work, counters, samples, stalls, or is twice");
    }
  }
  return o.only.empty() ? all : asked;
}

void add_profile_options(CLI::App& command, ProfileOptions& o) {
  command.add_option("--kernel", o.kernel, kKernelHelp)->capture_default_str();
  add_source_options(command, o.source, o.input);
  add_threshold_options(command, o.thresholds);
  add_collecting_options(command, o);
  command
      .add_option("--ceiling", o.ceiling_tflops,
                  "measured rate of a large matrix product, for distances to it")
      ->type_name("TFLOPS")
      ->check(CLI::Range(1e-6, 1e9).description(""));
  command.add_flag("--loads", o.loads,
                   "also k tiles a Q block against one threshold of the same density");
  command.add_option("--check", o.check, "compare this many Q blocks with the reference first")
      ->type_name("COUNT|all");
  command.add_option("--out", o.trace, "write a trace (HDF5)")->type_name("FILE");
  command.add_option("--json", o.json, "write the profile as JSON; - is standard output")
      ->type_name("FILE|-");
  command.add_option("COMMAND", o.command, "a program to profile, after --");
  o.given = [&command] { return given_names(command); };
}

void check_options(const ProfileOptions& o) {
  collected(o);
  if (!o.command.empty()) {
    require_no_problem(o);
    return;
  }
  require_one_source(o.source, o.input);
  require_one_source(o.thresholds);
  if (o.loads && (o.thresholds.dense || o.thresholds.keep_all)) {
    throw core::UsageError("--loads compares what is kept: give thresholds that skip");
  }
  for (const auto& target : {o.trace, o.json}) {
    for (const auto& input : {o.source.qkv, o.thresholds.file, o.metrics}) {
      if (!target.empty() && !input.empty()) require_distinct(target, input);
    }
  }
  if (o.json != "-" && !o.json.empty() && o.json == o.trace) {
    throw core::UsageError("--out and --json name the same file");
  }
}

}  // namespace bsfa::cli
