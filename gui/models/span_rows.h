// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <QtCore/QString>

#include "core/work.h"
#include "traces/profile.h"

namespace bsfa::gui {

/// A range of NVTX, or a kernel, copy or fill of the device.
struct TimelineSpan {
  traces::SpanKind kind = traces::SpanKind::kRange;
  QString name;                         ///< in full
  double start_ns = 0.0, end_ns = 0.0;  ///< from the launch that the work items stand for
  std::uint64_t bytes = 0;              ///< of a copy or fill
  int row = 0;
};

/// Spans of one host thread or stream that do not overlap; what is nested has rows of its own.
struct SpanRow {
  QString label;  ///< "host 1", "stream 7"; empty but for the first row of a thread or stream
  std::size_t first = 0, end = 0;  ///< its spans, by start
};

/// Spans of a profile in rows.
///
/// They come of another launch than the work items, by another clock. The span of a kernel stands
/// for the launch and is laid upon its first item: of those of the name that took longest in all,
/// the one nearest to the work records where these were stamped by the device's clock, else the
/// last. Without kernels the first span starts at 0.
struct SpanRows {
  std::vector<TimelineSpan> spans;  ///< by row, then by start
  std::vector<SpanRow> rows;        ///< host threads first, then streams
  std::int64_t left_out = 0;        ///< more than are kept: the shortest
  bool has_launch = false;          ///< a kernel's span stands for the launch
  double begin_ns = 0.0, end_ns = 0.0;

  /// Those of a row that overlap [from, to).
  std::span<const TimelineSpan> visible(std::size_t row, double from_ns, double to_ns) const;
};
/// More than a screen has room for, and few enough to be laid out at once.
inline constexpr std::size_t kMostSpans = 20000;
SpanRows span_rows(const traces::Profile& profile, std::span<const core::WorkRecord> records,
                   std::size_t most = kMostSpans);

/// "void bsfa::forward<...>(...)" as "forward": what tells kernels apart where there is no room.
QString short_span_name(const QString& name);
/// One line: kind, name, duration, start, bytes.
QString describe(const TimelineSpan& span);

}  // namespace bsfa::gui
