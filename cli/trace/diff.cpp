// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/support/format.h"
#include "cli/support/json.h"
#include "cli/support/output.h"
#include "cli/support/table.h"
#include "cli/trace/trace_diff.h"

namespace bsfa::cli {
namespace {

struct DiffOptions {
  std::string a, b, json;
};

std::string mask_text(const std::optional<MaskDifference>& m) {
  if (!m) return "not in both traces";
  if (m->differing == 0) return fmt::format("all {} tiles agree", count(m->compared));
  return fmt::format("{} of {} tiles differ, first at head {}, Q block {}, K block {}",
                     count(m->differing), count(m->compared), m->head, m->q_block, m->k_block);
}

std::string sequence_text(const SequenceDiff& s) {
  std::string text = fmt::format("\nlayer {}, sequence {}\n", s.layer, s.sequence);
  if (!s.same_problem) return text + "  the problems differ: masks cannot be compared\n";
  text += fields({{"Q blocks in both", count(s.common_blocks)},
                  {"kernel mask", mask_text(s.kernel)},
                  {"reference mask", mask_text(s.reference)}});
  Table table({"", "A", "B"});
  table.align_left(0);
  table.add({"density", percent(s.density_a), percent(s.density_b)});
  const auto shown = [](double value) { return std::isnan(value) ? "-" : figure(value); };
  const auto add = [&](const char* name, double a, double b) {
    if (!std::isnan(a) || !std::isnan(b)) table.add({name, shown(a), shown(b)});
  };
  add("worst arithmetic", s.arithmetic_a, s.arithmetic_b);
  add("worst method", s.method_a, s.method_b);
  return text + table.text();
}

/// A profile that was compared with nothing has no verdict.
std::string verdict_text(const std::string& verdict) {
  return verdict.empty() ? "" : ", verdict: " + verdict;
}

std::string text_of(const DiffOptions& o, const TraceDiff& diff) {
  std::string text = fields(
      {{"A", o.a + verdict_text(diff.verdict_a)}, {"B", o.b + verdict_text(diff.verdict_b)}}, "");
  for (const auto& d : diff.provenance)
    text += fmt::format("\ndifferent {}\n  A  {}\n  B  {}\n", d.what, d.a, d.b);
  for (const auto& line : diff.only_in_one) text += "\n" + line + "\n";
  for (const auto& s : diff.sequences) text += sequence_text(s);
  for (const auto& line : diff.profiles_only_in_one) text += "\n" + line + "\n";
  for (const auto& p : diff.profiles) text += text_of(p);
  return text + (diff.same() ? "\nsame verdict and same masks\n" : "\nthe traces differ\n");
}

Json mask_json(const std::optional<MaskDifference>& m) {
  if (!m) return nullptr;
  Json json = {{"compared", m->compared}, {"differing", m->differing}, {"first", nullptr}};
  if (m->differing > 0)
    json["first"] = {{"head", m->head}, {"q_block", m->q_block}, {"k_block", m->k_block}};
  return json;
}

Json sequence_json(const SequenceDiff& s) {
  return {{"layer", s.layer},
          {"sequence", s.sequence},
          {"same_problem", s.same_problem},
          {"common_blocks", s.common_blocks},
          {"kernel_mask", mask_json(s.kernel)},
          {"reference_mask", mask_json(s.reference)},
          {"density", {{"a", number(s.density_a)}, {"b", number(s.density_b)}}},
          {"worst_arithmetic", {{"a", number(s.arithmetic_a)}, {"b", number(s.arithmetic_b)}}},
          {"worst_method", {{"a", number(s.method_a)}, {"b", number(s.method_b)}}}};
}

Json json_of(const DiffOptions& o, const TraceDiff& diff) {
  Json json = {{"same", diff.same()},
               {"a", {{"file", o.a}, {"verdict", diff.verdict_a}}},
               {"b", {{"file", o.b}, {"verdict", diff.verdict_b}}},
               {"provenance", Json::array()},
               {"only_in_one", diff.only_in_one},
               {"sequences", Json::array()},
               {"profiles_only_in_one", diff.profiles_only_in_one},
               {"profiles", Json::array()}};
  for (const auto& d : diff.provenance)
    json["provenance"].push_back({{"what", d.what}, {"a", d.a}, {"b", d.b}});
  for (const auto& s : diff.sequences) json["sequences"].push_back(sequence_json(s));
  for (const auto& p : diff.profiles) json["profiles"].push_back(to_json(p));
  return json;
}

core::ExitCode run_diff(const DiffOptions& o, const Session&) {
  if (!o.json.empty()) {
    require_distinct(o.json, o.a);
    require_distinct(o.json, o.b);
  }
  const TraceDiff diff = diff_traces(traces::TraceReader(o.a), traces::TraceReader(o.b));
  if (!o.json.empty()) TextOutput(o.json).finish(dump(json_of(o, diff)));
  if (o.json != "-") write_stdout(text_of(o, diff));
  return diff.same() ? core::ExitCode::kPassed : core::ExitCode::kVerdict;
}

}  // namespace

void add_diff(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<DiffOptions>();
  auto* command = app.add_subcommand(
      "diff", "Compare two traces: provenance, masks, density, errors, profiles");
  command->add_option("A", options->a, "trace")->required();
  command->add_option("B", options->b, "trace")->required();
  command
      ->add_option("--json", options->json, "write the differences as JSON; - is standard output")
      ->type_name("FILE|-");
  command->footer(
      "\nExit code 0: same verdict and same masks, 1: not. Profiles are compared, but never the "
      "same.\n"
      "\nExample\n  bsfa diff before.h5 after.h5\n");
  on_chosen(command, commands, options, run_diff);
}

}  // namespace bsfa::cli
