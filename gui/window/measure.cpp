// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/window/measure.h"

#include <QCoreApplication>

#include "gui/models/commands.h"
#include "gui/window/fetch.h"

namespace bsfa::gui {
namespace {

constexpr const char* kScript = R"sh(set -eu
dir=$(mktemp -d "${TMPDIR:-/tmp}/@FOLDER@XXXXXX")
run= watch=
stop() {
  [ -z "$run" ] || { kill "$run"; wait "$run"; } 2>/dev/null || :
  exit 130
}
trap 'rm -rf "$dir"; kill "$watch" 2>/dev/null || :' EXIT
trap stop INT TERM HUP
exec 3<&0
head -c @SIZE@ <&3 >"$dir/thresholds.safetensors"
# What is long runs in the background: only then is a signal heard at once.
finish() {
  run=$!
  echo "$run" >"$dir/run"
  status=0
  wait "$run" || status=$?
  run=
  rm -f "$dir/run"
}
is_running() {
  kill -0 "$$" || { [ -e "$dir/run" ] && kill -0 "$(cat "$dir/run")"; }
}
# Ends this shell, and sees to what it leaves behind where it was killed.
clean_up() {
  cat <&3
  kill "$$" || :
  [ ! -e "$dir/run" ] || kill "$(cat "$dir/run")" || :
  tries=0
  while is_running && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    [ "$tries" -ne 80 ] || [ ! -e "$dir/run" ] || kill -9 "$(cat "$dir/run")" || :
    sleep 0.1
  done
  rm -rf "$dir"
}
clean_up >/dev/null 2>&1 &
watch=$!
input=@INPUT@
wanted=@SHA256@
[ -r "$input" ] || { echo "$input: cannot be read" >&2; exit 3; }
if [ -n "$wanted" ]; then
  echo 'hashing the input ...' >&2
  sha256sum <"$input" >"$dir/sum" 3<&- &
  finish
  read -r sum rest <"$dir/sum"
  [ "$sum" = "$wanted" ] || {
    echo "$input: is not the input of this trace (its SHA-256 is another)" >&2
    exit 3
  }
fi
BSFA_PROGRESS=always @PROGRAM@ compare --qkv "$input" --thresholds "$dir/thresholds.safetensors" \
  --out "$dir/trace.h5"@ARGUMENTS@ >/dev/null 3<&- &
finish
# 1: a verdict other than pass, which is a result too.
[ "$status" -le 1 ] || exit "$status"
cat "$dir/trace.h5" 3<&- &
finish
exit "$status"
)sh";

QString option_of(const MeasureRequest& request, const QString& name) {
  const qsizetype at = request.arguments.indexOf(name);
  return at < 0 ? QString() : request.arguments.value(at + 1);
}

QString layer_option(const MeasureRequest& request) {
  return option_of(request, QStringLiteral("--layer"));
}

}  // namespace

QString measure_script(const MeasureRequest& request) {
  QString arguments;
  for (const QString& argument : request.arguments) {
    arguments += QLatin1Char(' ') + shell_quoted(argument);
  }
  QString script;
  // One pass: what is put in for one mark may hold the text of another.
  const QString pattern = QString::fromLatin1(kScript);
  const QStringList parts = pattern.split(QLatin1Char('@'));
  for (qsizetype i = 0; i < parts.size(); ++i) {
    if (i % 2 == 0) {
      script += parts[i];
    } else if (parts[i] == QStringLiteral("SIZE")) {
      script += QString::number(request.thresholds.size());
    } else if (parts[i] == QStringLiteral("FOLDER")) {
      script += QLatin1String(kMeasureFolder);
    } else if (parts[i] == QStringLiteral("INPUT")) {
      script += shell_quoted(request.input);
    } else if (parts[i] == QStringLiteral("SHA256")) {
      script += shell_quoted(request.sha256);
    } else if (parts[i] == QStringLiteral("PROGRAM")) {
      script += shell_quoted(request.program);
    } else {
      script += arguments;
    }
  }
  return script;
}

ProcessPlan measure_plan(const MeasureRequest& request) {
  const QString script = measure_script(request);
  if (request.host.isEmpty()) {
    return {QStringLiteral("/bin/sh"),
            {QStringLiteral("-c"), script},
            request.thresholds,
            request.output_file};
  }
  return {ssh_program(), ssh_arguments(request.host, 0, script), request.thresholds,
          request.output_file};
}

bool measures_all(const MeasureRequest& request) {
  const QString layer = layer_option(request);
  return layer.isEmpty() || layer == QStringLiteral("all") || request.layers.size() <= 1;
}

QString measured_layers(const MeasureRequest& request) {
  const auto text = [](const char* words) {
    return QCoreApplication::translate("bsfa::gui::Measure", words);
  };
  if (request.layers.size() > 1 && measures_all(request)) {
    return text("all %1 layers").arg(static_cast<qlonglong>(request.layers.size()));
  }
  const QString layer = layer_option(request);
  return layer.isEmpty() ? text("the layer of the input") : text("layer %1").arg(layer);
}

QString measured_kernel(const MeasureRequest& request) {
  const auto text = [](const char* words) {
    return QCoreApplication::translate("bsfa::gui::Measure", words);
  };
  const QString kernel = option_of(request, QStringLiteral("--kernel"));
  const QString runs = kernel.isEmpty() ? text("Runs the default kernel of bsfa compare.")
                                        : text("Runs kernel %1.").arg(kernel);
  if (request.judged.isEmpty()) return runs;
  return runs + QLatin1Char(' ') +
         text(
             "This trace judges a saved output, %1: what comes back is about the kernel and not "
             "that output. --kernel among the options names another.")
             .arg(request.judged);
}

QString fault_of(const MeasureRequest& request) {
  const auto text = [](const char* words) {
    return QCoreApplication::translate("bsfa::gui::Measure", words);
  };
  if (request.host.startsWith(QLatin1Char('-')) || request.host.contains(QLatin1Char(' '))) {
    return text("The host is not a name that ssh takes.");
  }
  if (request.program.isEmpty()) return text("Name the bsfa program.");
  if (request.input.isEmpty()) return text("Name the file with Q, K and V.");
  return {};
}

}  // namespace bsfa::gui
