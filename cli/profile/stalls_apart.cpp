// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/profile/passes.h"
#include "cli/support/child_process.h"
#include "cli/support/progress.h"
#include "core/error.h"
#include "core/temporary_folder.h"
#include "io/threshold_file.h"
#include "profiler/host/refused.h"
#include "traces/reader.h"

namespace bsfa::cli {
namespace {

/// The thresholds in use as a table of one k and layer, so that they need not be found again.
core::ThresholdTable table_of(const Subject& subject) {
  const core::Thresholds& values = *subject.thresholds().get();
  core::ThresholdTable table;
  table.k_values = {subject.thresholds().k.value_or(0)};
  table.layers = {subject.source().layer};
  table.heads = values.heads;
  table.blocks = values.blocks;
  table.gate = values.gate;
  table.samples = {"handed over"};
  table.values = values.tau;
  return table;
}

void add_source_arguments(std::vector<std::string>& arguments, const Subject& subject) {
  const ProfileOptions& o = subject.options();
  const core::Problem& p = subject.problem();
  const auto add = [&](const char* name, const auto& value) {
    arguments.push_back(fmt::format("{}={}", name, value));
  };
  if (o.source.qkv.empty()) {
    add("--generate", o.source.generate);
    const std::pair<const char*, std::int64_t> shape[] = {
        {"-B", p.batch}, {"-H", p.heads},  {"--kv-heads", p.kv_heads},
        {"-M", p.q_len}, {"-N", p.kv_len}, {"-D", p.head_dim}};
    for (const auto& [name, value] : shape) {
      arguments.emplace_back(name);
      arguments.push_back(std::to_string(value));
    }
  } else {
    add("--qkv", o.source.qkv);
    add("--layer", subject.source().layer);
  }
  add("--seed", o.source.shape.seed);
  add("--gate", o.input.gate);
  add("--dtype", o.input.dtype);
  add("--threads", o.input.threads);
  // Nine digits are enough to give back every float.
  add("--scale", fmt::format("{:.9g}", p.scale));
  if (o.input.no_causal) arguments.emplace_back("--no-causal");
}

std::vector<std::string> arguments_for(const Subject& subject,
                                       const std::filesystem::path& thresholds,
                                       const std::filesystem::path& trace) {
  std::vector<std::string> arguments = {"/proc/self/exe", "profile", "--only", "stalls"};
  add_source_arguments(arguments, subject);
  arguments.push_back("--kernel=" + subject.options().kernel);
  if (subject.thresholds().get() == nullptr) {
    arguments.emplace_back("--dense");
  } else {
    arguments.push_back("--thresholds=" + thresholds.string());
  }
  for (const auto& folder : subject.options().sources) arguments.push_back("--source=" + folder);
  arguments.push_back("--out=" + trace.string());
  return arguments;
}

/// What a program said last, as one line.
std::string last_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line, last;
  while (std::getline(file, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

/// Far more than it can need: as long as loading the largest input takes, and its launches a
/// hundred times slower than they are.
std::chrono::milliseconds limit_for(Subject& subject) {
  constexpr std::chrono::minutes kForLoading{10};
  constexpr double kLaunches = 20.0, kSlower = 100.0;
  return kForLoading +
         std::chrono::milliseconds(std::llround(kLaunches * kSlower * subject.warm_ms()));
}

/// The facility of that name, of the only layer.
traces::Facility facility_of(const traces::Profile& profile, const std::string& name) {
  for (const auto& facility : profile.facilities) {
    if (facility.name == name) return facility;
  }
  throw profiler::Refused("the process that samples stalls said nothing of them", "");
}

}  // namespace

void collect_stalls_apart(Subject& subject, Collection& result, traces::Facility& facility) {
  if (!subject.on_device()) {
    collect_stalls(subject, result, facility);
    return;
  }
  Progress progress("sampling stalls");
  const core::TemporaryFolder folder;
  const auto thresholds = folder.path() / "thresholds.safetensors";
  const auto trace = folder.path() / "stalls.h5";
  if (subject.thresholds().get() != nullptr) io::write_thresholds(thresholds, table_of(subject));
  ChildProgram program;
  program.arguments = arguments_for(subject, thresholds, trace);
  // Our own listener to ranges would be a second user of CUPTI there.
  program.without = {"NVTX_INJECTION64_PATH"};
  program.output = "/dev/null";
  program.errors = folder.path() / "errors.txt";
  program.limit = limit_for(subject);
  const ChildEnd end = run_child(program, subject.control());
  if (!std::filesystem::exists(trace)) {
    const std::string said = last_line(program.errors);
    throw profiler::Refused("the process that samples stalls ended with " + describe(end) +
                                (said.empty() ? "" : ": " + said),
                            "the same alone: --only stalls");
  }
  const traces::TraceReader reader(trace);
  auto profile = reader.profile(subject.source().layer);
  if (!profile) throw profiler::Refused("the process that samples stalls kept no profile", "");
  const auto apart = facility_of(*profile, facility.name);
  if (apart.status == traces::Facility::Status::kRefused) {
    throw profiler::Refused(apart.refusal, apart.advice);
  }
  facility.slowdown = apart.slowdown;
  facility.dropped = apart.dropped;
  result.profile.stalls = std::move(profile->stalls);
}

}  // namespace bsfa::cli
