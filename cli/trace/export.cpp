// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/support/json.h"
#include "cli/support/output.h"
#include "cli/support/provenance.h"
#include "cli/trace/block_rows.h"

namespace bsfa::cli {
namespace {

struct ExportOptions {
  std::string trace, format = "csv", out = "-";
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

core::ExitCode run_export(const ExportOptions& o, const Session&) {
  if (o.out != "-") require_distinct(o.out, o.trace);
  const traces::TraceReader reader(o.trace);
  TextOutput out(o.out);
  out.finish(o.format == "csv" ? csv(reader) : json(reader));
  return core::ExitCode::kPassed;
}

constexpr const char* kFooter = R"(csv   one line for each checked Q block of each head
json  the report of compare, and the same per Q block

Example
  bsfa export t.h5 --format csv --out t.csv
)";

}  // namespace

void add_export(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<ExportOptions>();
  auto* command = app.add_subcommand("export", "Turn a trace into CSV or JSON");
  command->add_option("TRACE", options->trace, "trace written by compare --out")->required();
  command->add_option("--format", options->format, "what to write")
      ->check(CLI::IsMember({"csv", "json"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "where to; - is standard output")
      ->type_name("FILE|-")
      ->capture_default_str();
  command->footer(kFooter);
  on_chosen(command, commands, options, run_export);
}

}  // namespace bsfa::cli
