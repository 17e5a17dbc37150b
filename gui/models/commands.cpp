// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/commands.h"

#include <algorithm>
#include <array>

namespace bsfa::gui {
namespace {

/// Options of a run that say what was computed, and not where results go.
constexpr std::array kKeptOptions{"--scale", "--dtype", "--kernel", "--sample", "--seed"};
constexpr std::array kThresholdOptions{"--thresholds", "--k", "--topk", "--tau"};
constexpr std::array kThresholdFlags{"--keep-all", "--dense"};

/// Options of a command line: name and value, the value empty for a flag.
using Options = std::vector<std::pair<QString, QString>>;

Options options_of(const QString& line) {
  Options options;
  const auto words = shell_words(line);
  if (!words) return options;
  for (qsizetype i = 1; i < words->size(); ++i) {
    const QString& word = (*words)[i];
    if (!word.startsWith(QLatin1String("--"))) continue;
    const auto equals = word.indexOf(QLatin1Char('='));
    if (equals > 0) {
      options.emplace_back(word.left(equals), word.mid(equals + 1));
    } else if (i + 1 < words->size() && !(*words)[i + 1].startsWith(QLatin1String("--"))) {
      options.emplace_back(word, (*words)[i + 1]);
    } else {
      options.emplace_back(word, QString());
    }
  }
  return options;
}

template <std::size_t N>
bool is_one_of(const QString& name, const std::array<const char*, N>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* other) { return name == QLatin1String(other); });
}

void append_thresholds(QStringList& out, const Options& options) {
  for (const auto& [name, value] : options) {
    if (is_one_of(name, kThresholdFlags)) out << name;
    if (is_one_of(name, kThresholdOptions) && !value.isEmpty()) out << name << value;
  }
}

QString layer_argument(const TraceFile& file, std::optional<std::int64_t> layer) {
  const auto layers = layers_of(file);
  if (!layer && layers.size() > 1) return QStringLiteral("all");
  return QString::number(layer.value_or(layers.empty() ? 0 : layers.front()));
}

/// What a run computes, whichever command runs it.
QStringList problem_arguments(const TraceFile& file, std::optional<std::int64_t> layer,
                              const QString& thresholds) {
  const auto& provenance = file.provenance();
  QStringList out;
  if (provenance.input_file.empty()) return out;
  out << QStringLiteral("--qkv") << QString::fromStdString(provenance.input_file);
  out << QStringLiteral("--layer") << layer_argument(file, layer);
  const auto& keys = file.sequences();
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](SequenceKey key) { return !layer || key.layer == *layer; });
  if (found != keys.end()) {
    const core::Problem& problem = file.overview(*found)->problem;
    if (!(problem.gate == core::GateShape{}))
      out << QStringLiteral("--gate")
          << QStringLiteral("%1x%2").arg(problem.gate.q_block).arg(problem.gate.k_block);
    if (!problem.causal) out << QStringLiteral("--no-causal");
  }
  const Options options = options_of(QString::fromStdString(provenance.command_line));
  if (thresholds.isEmpty()) {
    append_thresholds(out, options);
  } else {
    out << QStringLiteral("--thresholds") << thresholds;
  }
  for (const auto& [name, value] : options) {
    if (is_one_of(name, kKeptOptions) && !value.isEmpty()) out << name << value;
  }
  return out;
}

void drop_options(QStringList& arguments, const QStringList& names) {
  for (const QString& name : names) {
    const auto at = arguments.indexOf(name);
    if (at >= 0) arguments.remove(at, 2);
  }
}

std::int64_t first_layer(const TraceFile& file) {
  return file.sequences().empty() ? 0 : file.sequences().front().layer;
}

QString profile_command(const TraceFile* file) {
  QStringList words{QStringLiteral("bsfa"), QStringLiteral("profile")};
  QStringList what =
      file != nullptr ? problem_arguments(*file, first_layer(*file), {}) : QStringList();
  if (what.isEmpty())
    what = {QStringLiteral("--qkv"), QStringLiteral("FILE"), QStringLiteral("--topk"),
            QStringLiteral("16")};
  const bool names_kernel = what.contains(QLatin1String("--kernel"));
  drop_options(what, {QStringLiteral("--sample"), QStringLiteral("--seed")});
  words += what;
  if (!names_kernel) words << QStringLiteral("--kernel") << QStringLiteral("auto");
  words << QStringLiteral("--out") << QStringLiteral("profile.h5");
  return shell_line(words);
}

}  // namespace

QString shell_quoted(const QString& word) {
  const auto plain = [](QChar c) {
    return (c >= QLatin1Char('a') && c <= QLatin1Char('z')) ||
           (c >= QLatin1Char('A') && c <= QLatin1Char('Z')) ||
           (c >= QLatin1Char('0') && c <= QLatin1Char('9')) ||
           QStringLiteral("_-./:=,+@%").contains(c);
  };
  if (!word.isEmpty() && std::all_of(word.begin(), word.end(), plain)) return word;
  QString inside = word;
  inside.replace(QLatin1Char('\''), QStringLiteral("'\\''"));
  return QLatin1Char('\'') + inside + QLatin1Char('\'');
}

QString shell_line(const QStringList& words) {
  QStringList quoted;
  for (const QString& word : words) quoted << shell_quoted(word);
  return quoted.join(QLatin1Char(' '));
}

std::optional<QStringList> shell_words(const QString& line) {
  QStringList words;
  QString word;
  bool inside = false;
  QChar quote;
  for (qsizetype i = 0; i < line.size(); ++i) {
    const QChar c = line[i];
    if (!quote.isNull()) {
      const bool escapes = quote == QLatin1Char('"') && c == QLatin1Char('\\') &&
                           i + 1 < line.size() && QStringLiteral("\"\\$`").contains(line[i + 1]);
      if (c == quote) {
        quote = QChar();
      } else {
        word += escapes ? line[++i] : c;
      }
    } else if (c == QLatin1Char('\'') || c == QLatin1Char('"')) {
      quote = c;
      inside = true;
    } else if (c == QLatin1Char('\\') && i + 1 < line.size()) {
      word += line[++i];
      inside = true;
    } else if (c.isSpace()) {
      if (inside) words << word;
      word.clear();
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (!quote.isNull()) return std::nullopt;
  if (inside) words << word;
  return words;
}

std::vector<std::int64_t> layers_of(const TraceFile& file) {
  std::vector<std::int64_t> layers;
  for (const SequenceKey key : file.sequences()) {
    if (layers.empty() || layers.back() != key.layer) layers.push_back(key.layer);
  }
  return layers;
}

bool thresholds_are_gone(const TraceFile& file) {
  for (const auto& [name, value] :
       options_of(QString::fromStdString(file.provenance().command_line))) {
    if (name == QLatin1String("--thresholds") &&
        value.contains(QLatin1Char('/') + QLatin1String(kMeasureFolder)))
      return true;
  }
  return false;
}

QString judged_output(const TraceFile& file) {
  for (const auto& [name, value] :
       options_of(QString::fromStdString(file.provenance().command_line))) {
    if (name == QLatin1String("--output")) return value;
  }
  return {};
}

QStringList compare_arguments(const TraceFile& file, std::optional<std::int64_t> layer,
                              const QString& thresholds, const QString& out) {
  QStringList arguments = problem_arguments(file, layer, thresholds);
  if (arguments.isEmpty()) return {};
  arguments.prepend(QStringLiteral("compare"));
  if (!out.isEmpty()) arguments << QStringLiteral("--out") << out;
  return arguments;
}

QString repeat_command(const TraceFile& file, std::optional<std::int64_t> layer,
                       const QString& thresholds) {
  const QStringList arguments = compare_arguments(file, layer, thresholds, {});
  return arguments.isEmpty() ? QString()
                             : shell_line(QStringList(QStringLiteral("bsfa")) + arguments);
}

QString tile_command(const TraceFile& file, const Selection& selection, const QString& thresholds) {
  QStringList arguments = compare_arguments(file, selection.layer, thresholds, {});
  if (arguments.isEmpty()) return {};
  if (selection.q_block >= 0) {
    // One Q block takes the place of a sample.
    drop_options(arguments, {QStringLiteral("--sample"), QStringLiteral("--seed")});
    arguments << QStringLiteral("--q-block")
              << QStringLiteral("%1/%2/%3")
                     .arg(selection.sequence)
                     .arg(selection.head)
                     .arg(selection.q_block);
  }
  return shell_line(QStringList(QStringLiteral("bsfa")) + arguments);
}

QString filling_command(Filling filling, const TraceFile* file) {
  switch (filling) {
    case Filling::kSamples:
    case Filling::kCounters:
    case Filling::kStalls:
      return profile_command(file);
    case Filling::kSecondRun:
      return QStringLiteral("bsfa-viewer --diff ") +
             (file != nullptr ? shell_quoted(file->path()) : QStringLiteral("a.h5")) +
             QStringLiteral(" b.h5");
    case Filling::kAnyTrace:
    case Filling::kTiles:
    case Filling::kWork:
    case Filling::kThresholds:
      break;
  }
  QStringList arguments;
  if (file != nullptr && filling != Filling::kAnyTrace)
    arguments = compare_arguments(*file, std::nullopt, {}, QStringLiteral("trace.h5"));
  if (arguments.isEmpty()) {
    return QStringLiteral("bsfa compare --qkv FILE --topk 16 --out trace.h5");
  }
  return shell_line(QStringList(QStringLiteral("bsfa")) + arguments);
}

}  // namespace bsfa::gui
