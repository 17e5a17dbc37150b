// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/profile.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/commands.h"
#include "cli/profile/check.h"
#include "cli/profile/passes.h"
#include "cli/profile/report.h"
#include "cli/support/output.h"
#include "cli/support/progress.h"
#include "cli/support/provenance.h"
#include "cli/support/sha256.h"
#include "cli/support/stopwatch.h"
#include "profiler/host/collectors.h"
#include "profiler/host/metric_sets.h"
#include "profiler/host/nvtx.h"
#include "profiler/host/refused.h"
#include "traces/writer.h"

namespace bsfa::cli {
namespace {

constexpr const char* kFooter =
    R"(Each of these is collected in a pass of its own, so that none disturbs another:
  time      launches by events, interleaved: undisturbed, with work records, and dense; and a
            recording of a few launches (report: activity)
  work      what each SM or worker did, item by item
  counters  hardware counters of one launch, replayed as often as they need
  samples   a time series over one launch
  stalls    why warps wait, by source line; in a process of its own
What a machine refuses is reported with its own words; the rest goes on. docs/profiling.md says what
every figure means.

Examples
  bsfa profile --qkv qkv.safetensors --topk 16 --kernel portable --out p.h5
  bsfa profile --generate structured -N 32768 --topk 64 --only time,work --json -
  bsfa profile -- python model.py

Exit codes: 0 profiled, 1 --check fails or is inconclusive, 2 usage, 3 input, 4 nothing that was
asked for worked, or device or memory, 5 output or plug-in, 130 interrupted.
)";

/// What has to happen before the first CUDA call of the process.
void prepare_process(const ProfileOptions& o, const std::set<Collected>& asked) {
  if (asked.contains(Collected::kTime)) profiler::let_cupti_hear_ranges();
  if (asked != std::set{Collected::kStalls} || o.loads) return;
  try {
    profiler::keep_modules();
  } catch (const profiler::Refused&) {
    // Collecting will be refused for the same reason, and say so in its place.
    return;
  }
}

/// SMs of the device, or threads that a host kernel computes with.
std::int64_t units_of(Subject& subject) {
  if (subject.on_device()) return subject.memory().multiprocessors();
  std::int64_t threads = 0;
  // Where this fails every pass will be refused for the same reason, and say so.
  attempt("preparing",
          [&](auto&) { threads = static_cast<std::int64_t>(subject.plain().describe().ctas); });
  return threads;
}

struct Pass {
  std::string name;
  void (*collect)(Subject&, Collection&, traces::Facility&);
};

/// What was asked for, in the order in which it disturbs least: CUPTI comes after all that is timed
/// without it.
std::vector<Pass> passes_for(const ProfileOptions& o, const std::set<Collected>& asked) {
  std::vector<Pass> passes;
  const auto add = [&](Collected what, const char* name, decltype(Pass::collect) collect) {
    if (asked.contains(what)) passes.push_back({name, collect});
  };
  add(Collected::kTime, "time", collect_times);
  add(Collected::kWork, "work", collect_work);
  if (o.loads) passes.push_back({"loads", collect_loads});
  add(Collected::kTime, "activity", collect_activity);
  add(Collected::kCounters, "counters", collect_counters);
  add(Collected::kSamples, "samples", collect_samples);
  const bool alone = asked.size() == 1 && !o.loads;
  add(Collected::kStalls, "stalls", alone ? collect_stalls : collect_stalls_apart);
  return passes;
}

Collection collect(Subject& subject, const std::set<Collected>& asked) {
  Collection result;
  result.profile.multiprocessors = units_of(subject);
  for (const Pass& pass : passes_for(subject.options(), asked)) {
    subject.control().throw_if_cancelled();
    result.profile.facilities.push_back(
        attempt(pass.name, [&](auto& facility) { pass.collect(subject, result, facility); }));
  }
  return result;
}

/// What a trace keeps of the gate. Without the kernel's own mask the profile is still worth
/// keeping; why there is none is added to what was refused.
Sequences sequences_of(Subject& subject, Collection& collection) {
  Sequences sequences = bare_sequences(subject);
  auto mask = attempt("mask", [&](auto&) { sequences = with_gating(sequences, subject); });
  if (mask.status == traces::Facility::Status::kRefused) {
    collection.profile.facilities.push_back(std::move(mask));
  }
  return sequences;
}

traces::Provenance provenance_of(const ProfileReport& report, const Session& session) {
  auto provenance = new_provenance(session.command_line);
  const ProfileOptions& o = report.subject.options();
  const kernels::Kernel& kernel = report.subject.kernel();
  provenance.kernel = kernel.name() + " (" + kernel.library->origin() + ")";
  provenance.thresholds = report.subject.thresholds().source;
  provenance.gpu = report.gpu;
  provenance.driver = report.driver;
  if (report.check != nullptr) {
    provenance.verdict = analysis::name_of(report.check->verdict.outcome);
  }
  provenance.input_file = report.subject.source().name;
  if (o.source.qkv.empty()) return provenance;
  Progress progress("hashing the input");
  provenance.input_file = o.source.qkv;
  provenance.input_sha256 = sha256_of_file(o.source.qkv, progress.watch(report.subject.control()));
  return provenance;
}

bool anything_worked(const traces::Profile& profile) {
  return std::any_of(profile.facilities.begin(), profile.facilities.end(),
                     [](const auto& f) { return f.status == traces::Facility::Status::kDone; });
}

core::ExitCode outcome(const ProfileReport& report) {
  if (!anything_worked(report.collection.profile)) return core::ExitCode::kDevice;
  const bool failed = report.check != nullptr && !report.check->verdict.passed;
  return failed ? core::ExitCode::kVerdict : core::ExitCode::kPassed;
}

/// Where the results go, opened before the work.
struct Outputs {
  std::optional<TextOutput> json;
  std::optional<traces::TraceWriter> trace;
};

Outputs open_outputs(const ProfileOptions& o) {
  Outputs outputs;
  if (!o.json.empty()) outputs.json.emplace(o.json);
  if (!o.trace.empty()) outputs.trace.emplace(o.trace);
  return outputs;
}

void write(Outputs& outputs, const ProfileReport& report, const Sequences& sequences,
           const traces::Provenance& provenance) {
  const std::string json = dump(profile_json(report, provenance));
  report.subject.control().throw_if_cancelled();
  if (outputs.trace) {
    const std::int64_t layer = report.subject.source().layer;
    for (const auto& [batch, sequence] : sequences) {
      outputs.trace->add(layer, batch, sequence);
    }
    traces::Profile profile = report.collection.profile;
    profile.findings = findings_json(report.conclusions).dump();
    outputs.trace->add_profile(layer, std::move(profile));
    outputs.trace->commit(provenance, {json});
  }
  if (outputs.json) outputs.json->finish(json);
}

core::ExitCode profile_problem(const ProfileOptions& o, const Session& session) {
  const Stopwatch watch;
  const auto asked = collected(o);
  if (!o.metrics.empty()) static_cast<void>(profiler::read_metric_file(o.metrics));
  prepare_process(o, asked);
  Outputs outputs = open_outputs(o);
  Subject subject(o, session.control(o.input.threads));
  std::optional<Checked> checked;
  if (!o.check.empty()) checked = check(subject);
  // A device that fails later does not tell its name any more.
  const std::string gpu = subject.memory().gpu(), driver = subject.memory().driver();
  Collection collection = collect(subject, asked);
  Sequences sequences;
  if (outputs.trace) {
    sequences = checked ? std::move(checked->sequences) : sequences_of(subject, collection);
    set_work(sequences, collection.records);
  }
  const auto conclusions = conclude(subject.problem(), collection, o.ceiling_tflops);
  ProfileReport report{subject, collection, conclusions,  checked ? &checked->layer : nullptr,
                       gpu,     driver,     watch.total()};
  if (outputs.trace || outputs.json) {
    write(outputs, report, sequences, provenance_of(report, session));
  }
  if (o.json != "-") write_stdout(profile_text(report));
  return outcome(report);
}

}  // namespace

core::ExitCode run_profile(const ProfileOptions& o, const Session& session) {
  check_options(o);
  return o.command.empty() ? profile_problem(o, session) : profile_program(o, session);
}

void add_profile(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<ProfileOptions>();
  auto* command = app.add_subcommand("profile", "Where does a kernel's time go?");
  add_profile_options(*command, *options);
  command->footer(kFooter);
  on_chosen(command, commands, options, run_profile);
}

}  // namespace bsfa::cli
