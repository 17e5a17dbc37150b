// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <QtCore/QString>
#include <QtCore/QStringList>

#include "gui/models/selection.h"
#include "gui/models/trace_file.h"

namespace bsfa::gui {

/// One word of a command line, quoted for a POSIX shell where it needs to be.
QString shell_quoted(const QString& word);
QString shell_line(const QStringList& words);
/// The words of a line that a shell would see, without expansions; none where a quote stays open.
std::optional<QStringList> shell_words(const QString& line);

/// Layers that a trace holds, in their order.
std::vector<std::int64_t> layers_of(const TraceFile& file);
/// Whether the run took its thresholds from a file that went with the run, as measurements of the
/// viewer do; they lie in the trace.
bool thresholds_are_gone(const TraceFile& file);
/// The saved output that the run judged, without running a kernel; empty where a kernel made it.
QString judged_output(const TraceFile& file);

/// Arguments of `bsfa compare` that repeat the run of a trace with other thresholds (a file; its k
/// where it holds several) and write `out`; on one layer, or all that the trace holds; without
/// thresholds those of the run. Input, kernel, gate, scale and so on are the trace's own. Empty
/// where the trace does not name its input.
QStringList compare_arguments(const TraceFile& file, std::optional<std::int64_t> layer,
                              const QString& thresholds, const QString& out);

/// "bsfa compare ...": what is shown, again.
QString repeat_command(const TraceFile& file, std::optional<std::int64_t> layer,
                       const QString& thresholds);
/// The line that checks the Q block of a selection again; without thresholds under those of the
/// run.
QString tile_command(const TraceFile& file, const Selection& selection,
                     const QString& thresholds = {});

/// Measurements keep what they need in a folder whose name begins so, and remove it.
inline constexpr const char* kMeasureFolder = "bsfa-measure-";

/// What a part of the window is filled by.
enum class Filling {
  kAnyTrace,
  kTiles,
  kWork,
  kSamples,
  kCounters,
  kStalls,
  kThresholds,
  kSecondRun
};
/// The command that would give the trace what it lacks; for the given file where there is one.
QString filling_command(Filling filling, const TraceFile* file);

}  // namespace bsfa::gui
