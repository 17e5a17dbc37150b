// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <new>
#include <sstream>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/support/interrupt.h"
#include "cli/support/output.h"

namespace bsfa::cli {
namespace {

constexpr const char* kAbout =
    "bsfa checks block-sparse attention kernels against an exact reference: whether the kernel is\n"
    "right, what skipping tiles costs in accuracy, and where the kernel's time goes.";

constexpr const char* kFooter = R"(A first look
  bsfa generate structured --out qkv.safetensors -M 2048
  bsfa compare --qkv qkv.safetensors --topk 8 --out t.h5
  bsfa info t.h5

bsfa COMMAND --help explains a command. Exit codes: 0 passed, 1 fail or inconclusive, 2 usage,
3 input, 4 device or memory, 5 output or plug-in, 130 interrupted.
)";

void set_up(CLI::App& app, Commands& commands) {
  app.set_version_flag("--version", std::string("bsfa ") + kVersion + " (" + kCommit + ")");
  app.require_subcommand(1);
  app.footer(kFooter);
  app.get_formatter()->column_width(34);
  add_compare(app, commands);
  add_sweep(app, commands);
  add_bench(app, commands);
  add_profile(app, commands);
  add_calibrate(app, commands);
  add_generate(app, commands);
  add_thresholds(app, commands);
  add_diff(app, commands);
  add_info(app, commands);
  add_export(app, commands);
}

/// A shell-like rendering, so that a trace says how to repeat it.
std::string command_line_of(int argc, char** argv) {
  std::string line = "bsfa";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool plain =
        !argument.empty() && argument.find_first_of(" \t\n\"'\\$`*?()<>|&;") == std::string::npos;
    line += " ";
    if (plain) {
      line += argument;
      continue;
    }
    line += "'";
    for (const char c : argument) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += "'";
  }
  return line;
}

int fail(core::ExitCode code, std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::fprintf(stderr, "bsfa: %s\n", text.c_str());
  return static_cast<int>(code);
}

/// Help and version are no errors; whatever else parsing throws is one.
int answer(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() != 0) {
    return fail(core::ExitCode::kUsage, std::string(error.what()) + " (bsfa --help)");
  }
  std::ostringstream text, unused;
  app.exit(error, text, unused);
  write_stdout(text.str());
  return static_cast<int>(core::ExitCode::kPassed);
}

/// CLI11 would only say that some command is required.
void require_known_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::string known;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == argv[1]) return;
    known += " " + command->get_name();
  }
  throw core::UsageError(std::string("there is no command ") + argv[1] + "; there are" + known);
}

int run(int argc, char** argv) {
  const std::atomic<bool>& cancel = catch_interrupts();
  CLI::App app(kAbout, "bsfa");
  Commands commands;
  set_up(app, commands);
  require_known_command(app, argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return answer(app, error);
  }
  const Session session{command_line_of(argc, argv), &cancel};
  return static_cast<int>(commands.chosen(session));
}

}  // namespace
}  // namespace bsfa::cli

int main(int argc, char** argv) {
  using bsfa::cli::fail;
  using bsfa::core::ExitCode;
  try {
    return bsfa::cli::run(argc, argv);
  } catch (const bsfa::core::Error& error) {
    return fail(error.exit_code(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::kDevice, "out of memory");
  } catch (const std::exception& error) {
    return fail(ExitCode::kDevice, std::string("internal error: ") + error.what());
  }
}
