// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/support/format.h"
#include "cli/support/json.h"
#include "cli/support/output.h"
#include "cli/support/provenance.h"
#include "cli/trace/block_rows.h"
#include "cli/trace/profile_csv.h"
#include "traces/perfetto.h"

namespace bsfa::cli {
namespace {

constexpr const char* kBlocks = "blocks";

struct ExportOptions {
  std::string trace, format = "csv", what = kBlocks, out = "-";
  std::int64_t max_events = 200'000;
};

/// Calls visit(layer, sequence) for everything that a trace holds.
template <typename Visit>
void for_each_sequence(const traces::TraceReader& reader, const Visit& visit) {
  for (const std::int64_t layer : reader.layers()) {
    for (const std::int64_t sequence : reader.sequences(layer)) visit(layer, sequence);
  }
}

std::string csv_line(const BlockRow& r) {
  const auto shortest = [](double value) { return static_cast<float>(value); };
  const auto tile = [&](std::int64_t analysis::TileCounts::*field) {
    return r.tiles ? std::to_string(*r.tiles.*field) : std::string();
  };
  const auto counted = [](const std::optional<std::uint32_t>& n) {
    return n ? std::to_string(*n) : std::string();
  };
  const auto density = r.tiles ? r.tiles->density() : std::nullopt;
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", r.layer, r.sequence,
                     r.head, r.q_block, shortest(r.threshold),
                     tile(&analysis::TileCounts::off_diagonal), tile(&analysis::TileCounts::kept),
                     tile(&analysis::TileCounts::skipped), tile(&analysis::TileCounts::diagonal),
                     density ? fmt::format("{}", *density) : "", shortest(r.retained_mass),
                     shortest(r.retained_mass_min), shortest(r.certificate),
                     shortest(r.error_arithmetic), counted(r.ties), counted(r.violations),
                     shortest(r.error_method));
}

std::string csv(const traces::TraceReader& reader) {
  std::string text =
      "layer,sequence,head,q_block,threshold,off_diagonal,kept,skipped,diagonal,density,retained_"
      "mass,"
      "retained_mass_min,certificate,error_arithmetic,gating_ties,gating_violations,error_method\n";
  for_each_sequence(reader, [&](std::int64_t layer, std::int64_t sequence) {
    for (const auto& row : block_rows(reader, layer, sequence)) text += csv_line(row);
  });
  return text;
}

Json block_json(const BlockRow& r) {
  const auto counted = [](const std::optional<std::uint32_t>& n) {
    return n ? Json(*n) : Json(nullptr);
  };
  return {{"head", r.head},
          {"q_block", r.q_block},
          {"threshold", number(r.threshold)},
          {"tiles", r.tiles ? to_json(*r.tiles) : Json(nullptr)},
          {"density", number(r.tiles ? r.tiles->density() : std::nullopt)},
          {"retained_mass", number(r.retained_mass)},
          {"retained_mass_min", number(r.retained_mass_min)},
          {"certificate", number(r.certificate)},
          {"error_arithmetic", number(r.error_arithmetic)},
          {"gating_ties", counted(r.ties)},
          {"gating_violations", counted(r.violations)},
          {"error_method", number(r.error_method)}};
}

Json report_of(const traces::TraceReader& reader) {
  const auto report = Json::parse(reader.report().json, nullptr, false);
  return report.is_discarded() ? Json(nullptr) : report;
}

std::string json(const traces::TraceReader& reader) {
  Json document = {{"provenance", to_json(reader.provenance())},
                   {"report", report_of(reader)},
                   {"sequences", Json::array()}};
  for_each_sequence(reader, [&](std::int64_t layer, std::int64_t sequence) {
    Json blocks = Json::array();
    for (const auto& row : block_rows(reader, layer, sequence)) blocks.push_back(block_json(row));
    document["sequences"].push_back({{"layer", layer},
                                     {"sequence", sequence},
                                     {"problem", to_json(reader.overview(layer, sequence).problem)},
                                     {"blocks", std::move(blocks)}});
  });
  return dump(document);
}

/// A cap that nobody hears of would pass for the whole.
void say_capped(const std::string& trace, const traces::PerfettoExport& made) {
  const auto say = [&](const std::string& what) {
    std::fprintf(stderr, "bsfa: %s: %s\n", trace.c_str(), what.c_str());
  };
  if (made.capped > 0) {
    say(fmt::format("the longest {} of {} work items are shown (--max-events)", count(made.shown),
                    count(made.items)));
  }
  if (made.spans_capped > 0) {
    say(fmt::format("the longest {} of {} spans are shown (--max-events)", count(made.spans_shown),
                    count(made.spans)));
  }
  if (made.samples_shown < made.samples) {
    say(fmt::format("one in {} of {} samples is shown (--max-events)", made.sample_step,
                    count(made.samples)));
  }
  if (made.set_aside > 0) {
    say(count(made.set_aside) + " work items without usable times are left out");
  }
  if (made.spans_set_aside > 0) {
    say(count(made.spans_set_aside) + " spans that end before they start are left out");
  }
}

std::string perfetto(const ExportOptions& o, const traces::TraceReader& reader) {
  traces::PerfettoExport made = traces::export_perfetto(reader, o.max_events);
  if (made.empty() && made.items > 0) {
    throw core::InputError(o.trace, "none of its work records has usable times",
                           count(made.items) + " records");
  }
  if (made.empty()) {
    throw core::InputError(
        o.trace, "holds no work records and no profile, which the timeline is drawn from");
  }
  say_capped(o.trace, made);
  return std::move(made.json);
}

std::string document(const ExportOptions& o, const traces::TraceReader& reader) {
  if (o.format == "json") return json(reader);
  if (o.format == "perfetto") return perfetto(o, reader);
  return o.what == kBlocks ? csv(reader) : profile_csv(reader, o.trace, o.what);
}

core::ExitCode run_export(const ExportOptions& o, const Session&) {
  if (o.what != kBlocks && o.format != "csv") {
    throw core::UsageError("--what is for --format csv");
  }
  if (o.out != "-") require_distinct(o.out, o.trace);
  const traces::TraceReader reader(o.trace);
  TextOutput out(o.out);
  out.finish(document(o, reader));
  return core::ExitCode::kPassed;
}

std::vector<std::string> csv_tables() {
  std::vector<std::string> names = profile_tables();
  names.insert(names.begin(), kBlocks);
  return names;
}

constexpr const char* kFooter =
    R"(csv       one line for each checked Q block of each head; --what: a table of the profile instead
json      the report of compare or profile, and one entry for each Q block
perfetto  SMs or workers with their work items over time, NVTX ranges, kernels, copies and samples, for
          ui.perfetto.dev and chrome://tracing

Example
  bsfa export t.h5 --format csv --out t.csv
  bsfa export p.h5 --format csv --what stalls
  bsfa export t.h5 --format perfetto --out t.json
)";

}  // namespace

void add_export(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<ExportOptions>();
  auto* command = app.add_subcommand("export", "Turn a trace into CSV, JSON or a timeline");
  command->add_option("TRACE", options->trace, "trace written by compare or profile --out")
      ->required();
  command->add_option("--format", options->format, "what to write")
      ->check(CLI::IsMember({"csv", "json", "perfetto"}))
      ->capture_default_str();
  command->add_option("--what", options->what, "csv: which table")
      ->check(CLI::IsMember(csv_tables()))
      ->capture_default_str();
  command
      ->add_option("--max-events", options->max_events,
                   "perfetto: most work items, spans and samples shown, each, the longest first")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{100'000'000}))
      ->type_name("COUNT")
      ->capture_default_str();
  command->add_option("--out", options->out, "where to; - is standard output")
      ->type_name("FILE|-")
      ->capture_default_str();
  command->footer(kFooter);
  on_chosen(command, commands, options, run_export);
}

}  // namespace bsfa::cli
