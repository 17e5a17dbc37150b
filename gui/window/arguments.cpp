// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/arguments.h"

#include "core/error.h"

namespace bsfa::gui {
namespace {

[[noreturn]] void refuse(const QString& text) {
  throw core::UsageError(text.toStdString());
}

/// Hands out arguments one by one; a value may follow its option or an equals sign.
class Reader {
 public:
  explicit Reader(const QStringList& arguments) : rest_(arguments) {}

  bool done() const { return rest_.isEmpty(); }
  QString next() { return rest_.takeFirst(); }
  QString value_of(const QString& option, const std::optional<QString>& inlined) {
    if (inlined) return *inlined;
    if (rest_.isEmpty() || rest_.first().startsWith(QStringLiteral("--"))) {
      refuse(QStringLiteral("%1 needs a value").arg(option));
    }
    return rest_.takeFirst();
  }

 private:
  QStringList rest_;
};

QString checked_theme(const QString& name) {
  static const QStringList known = {QStringLiteral("light"), QStringLiteral("dark"),
                                    QStringLiteral("system")};
  if (!known.contains(name)) {
    refuse(QStringLiteral("--theme %1: there are %2").arg(name, known.join(QStringLiteral(", "))));
  }
  return name;
}

void require_count(const Arguments& arguments, qsizetype count, const char* what) {
  if (arguments.traces.size() == count) return;
  refuse(QStringLiteral("%1, not %2").arg(QString::fromLatin1(what)).arg(arguments.traces.size()));
}

void take_option(const QString& argument, Reader& reader, Arguments& result) {
  const qsizetype equals = argument.indexOf(QLatin1Char('='));
  const QString option = argument.left(equals);
  std::optional<QString> value;
  if (equals >= 0) value = argument.mid(equals + 1);

  using Action = Arguments::Action;
  if (option == QStringLiteral("--theme")) {
    result.theme = checked_theme(reader.value_of(option, value));
  } else if (option == QStringLiteral("--export")) {
    result.action = Action::kExport;
    result.export_folder = reader.value_of(option, value);
  } else if (value) {
    refuse(QStringLiteral("%1 takes no value, or is unknown").arg(option));
  } else if (option == QStringLiteral("--diff")) {
    result.action = Action::kDiff;
  } else if (option == QStringLiteral("--help") || option == QStringLiteral("-h")) {
    result.action = Action::kHelp;
  } else if (option == QStringLiteral("--version")) {
    result.action = Action::kVersion;
  } else {
    refuse(QStringLiteral("unknown option %1 (see --help)").arg(option));
  }
}

}  // namespace

Arguments parse_arguments(const QStringList& arguments) {
  Arguments result;
  Reader reader(arguments);
  bool only_files = false;
  while (!reader.done()) {
    const QString argument = reader.next();
    if (!only_files && argument == QStringLiteral("--")) {
      only_files = true;
    } else if (!only_files && argument.size() > 1 && argument.startsWith(QLatin1Char('-'))) {
      take_option(argument, reader, result);
      const bool says_something =
          result.action == Arguments::Action::kHelp || result.action == Arguments::Action::kVersion;
      if (says_something) return result;
    } else if (argument.isEmpty()) {
      refuse(QStringLiteral("an argument is empty, where a trace was expected"));
    } else {
      result.traces << argument;
    }
  }
  if (result.action == Arguments::Action::kExport) {
    if (result.export_folder.isEmpty()) refuse(QStringLiteral("--export needs a folder"));
    require_count(result, 1, "--export takes one trace");
  }
  if (result.action == Arguments::Action::kDiff) {
    require_count(result, 2, "--diff takes two traces");
  }
  return result;
}

QString usage_text() {
  return QStringLiteral(R"(Looks at traces of bsfa: heads, masks, errors, balance and thresholds.
Usage: bsfa-viewer [OPTIONS] [TRACE ...]

TRACE is a file that bsfa wrote with --out, or ssh://host/path/t.h5, which is copied here first.
t.h5#L4/H2/Q47/K70 opens at layer 4, head 2, Q block 47, K block 70.

Options:
  -h,--help              print this help and exit
  --version              print the version and exit
  --diff A B             two traces side by side, and their difference
  --export DIR TRACE     write overview.png, head.png, error.png, balance.png and thresholds.png
                         into DIR and exit; needs no display
  --theme light|dark|system

Examples
  bsfa-viewer t.h5
  bsfa-viewer --diff before.h5 after.h5
  bsfa-viewer --export pictures t.h5#L4/H2

Exit codes: 0 done, 2 usage, 3 input, 5 output.
)");
}

}  // namespace bsfa::gui
