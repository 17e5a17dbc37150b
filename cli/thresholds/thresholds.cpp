// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <fmt/format.h>

#include "analysis/lint.h"
#include "cli/commands.h"
#include "cli/support/input_options.h"
#include "cli/support/output.h"
#include "cli/thresholds/table_text.h"
#include "io/attention_file.h"
#include "io/threshold_file.h"

namespace bsfa::cli {
namespace {

struct ImportOptions {
  std::string from, out;
};

core::ExitCode run_import(const ImportOptions& o, const Session&) {
  require_distinct(o.out, o.from);
  const auto table = io::read_thresholds(o.from);
  io::write_thresholds(o.out, table);
  write_stdout(o.out + "\n" + describe_table(table));
  return core::ExitCode::kPassed;
}

struct LintOptions {
  std::string file, qkv;
  InputOptions input;
};

std::optional<core::Problem> problem_of(const LintOptions& o) {
  if (o.qkv.empty()) return std::nullopt;
  const auto file = io::AttentionFile::open(o.qkv);
  return file.load(select_layers(file, o.input.layer).front(), attention_options(o.input)).problem;
}

core::ExitCode run_lint(const LintOptions& o, const Session&) {
  const auto findings = analysis::lint(io::read_thresholds(o.file), problem_of(o));
  std::string text;
  for (const auto& finding : findings) {
    text += fmt::format("{}: {}: {}: {}\n", o.file, analysis::name_of(finding.severity),
                        finding.rule, finding.text);
  }
  const auto errors = std::count_if(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.severity == analysis::Severity::kError;
  });
  const auto warnings = static_cast<std::ptrdiff_t>(findings.size()) - errors;
  write_stdout(text + fmt::format("{}: {} error{}, {} warning{}\n", o.file, errors,
                                  errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s"));
  return errors == 0 ? core::ExitCode::kPassed : core::ExitCode::kVerdict;
}

struct ShowOptions {
  std::string file;
};

core::ExitCode run_show(const ShowOptions& o, const Session&) {
  const auto table = io::read_thresholds(o.file);
  write_stdout(describe_table(table) + "\n" + summarise_table(table));
  return core::ExitCode::kPassed;
}

void add_import(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<ImportOptions>();
  auto* command =
      app.add_subcommand("import", "Convert a torch .pt table; nothing in it is executed");
  command->add_option("FILE", options->from, "torch .pt, or any table")->required();
  command->add_option("--out", options->out, "safetensors")->type_name("FILE")->required();
  on_chosen(command, commands, options, run_import);
}

void add_lint(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<LintOptions>();
  auto* command = app.add_subcommand("lint", "Say what is wrong or suspicious about a table");
  command->add_option("FILE", options->file, "table")->required();
  command->add_option("--qkv", options->qkv, "also check that it fits this input")
      ->type_name("FILE");
  add_input_options(*command, options->input);
  command->footer("\nExit code 0: no errors (there may be warnings), 1: errors.\n");
  on_chosen(command, commands, options, run_lint);
}

void add_show(CLI::App& app, Commands& commands) {
  auto options = std::make_shared<ShowOptions>();
  auto* command = app.add_subcommand("show", "Summarise a table by k, layer and head");
  command->add_option("FILE", options->file, "table")->required();
  on_chosen(command, commands, options, run_show);
}

constexpr const char* kFooter = R"(Examples
  bsfa thresholds import paper.pt --out t.safetensors
  bsfa thresholds lint t.safetensors --qkv qkv.safetensors --layer 4
  bsfa thresholds show t.safetensors
)";

}  // namespace

void add_thresholds(CLI::App& app, Commands& commands) {
  auto* command = app.add_subcommand("thresholds", "Import, check or show a threshold table");
  command->require_subcommand(1);
  add_import(*command, commands);
  add_lint(*command, commands);
  add_show(*command, commands);
  command->footer(kFooter);
}

}  // namespace bsfa::cli
