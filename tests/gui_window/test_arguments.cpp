// SPDX-License-Identifier: GPL-3.0-or-later
#include <catch2/catch.hpp>

#include "core/error.h"
#include "gui/window/arguments.h"
#include "tests/gui_window/support.h"

namespace bsfa::gui {
namespace {

Arguments parsed(const QString& line) {
  return parse_arguments(line.split(QLatin1Char(' '), Qt::SkipEmptyParts));
}

TEST_CASE("no arguments open an empty window") {
  const Arguments arguments = parsed("");
  CHECK(arguments.action == Arguments::Action::kOpen);
  CHECK(arguments.traces.isEmpty());
  CHECK_FALSE(arguments.theme);
}

TEST_CASE("files keep their links and order") {
  const Arguments arguments = parsed("a.h5#L4/H2 --theme=dark ssh://host/b.h5");
  CHECK(arguments.traces == QStringList{"a.h5#L4/H2", "ssh://host/b.h5"});
  CHECK(arguments.theme == QString("dark"));
}

TEST_CASE("a file may look like an option after two dashes") {
  CHECK(parsed("-- --theme").traces == QStringList{"--theme"});
  CHECK(parsed("-").traces == QStringList{"-"});
}

TEST_CASE("export takes a folder and one trace, in any order") {
  for (const char* line : {"--export out t.h5", "t.h5 --export out", "--export=out t.h5"}) {
    CAPTURE(line);
    const Arguments arguments = parsed(line);
    CHECK(arguments.action == Arguments::Action::kExport);
    CHECK(arguments.export_folder == QString("out"));
    CHECK(arguments.traces == QStringList{"t.h5"});
  }
}

TEST_CASE("help and version win over what follows them") {
  CHECK(parsed("--help --nonsense").action == Arguments::Action::kHelp);
  CHECK(parsed("--version --export").action == Arguments::Action::kVersion);
}

TEST_CASE("wrong arguments are refused with the option's name") {
  const auto line = GENERATE(as<std::string>{}, "--export", "--export out", "--export out a b",
                             "--export= t.h5", "--diff a", "--diff a b c", "--theme",
                             "--theme blue", "--wrong", "-x", "--diff=a b c", "--export --diff a");
  CAPTURE(line);
  try {
    parsed(QString::fromStdString(line));
    FAIL("accepted");
  } catch (const core::UsageError& error) {
    const std::string text = error.what();
    CHECK(text.find(line.substr(0, line.find_first_of(" =")).substr(0, 8)) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("help names every option and exit code") {
  const QString text = usage_text();
  for (const char* word : {"--diff", "--export", "--theme", "--help", "--version", "Exit codes"}) {
    CHECK(text.contains(QString(word)));
  }
}

}  // namespace
}  // namespace bsfa::gui
