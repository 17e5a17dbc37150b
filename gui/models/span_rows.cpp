// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/span_rows.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "gui/models/lane_stacker.h"
#include "gui/models/time_axis.h"

namespace bsfa::gui {
namespace {

using traces::Span;
using traces::SpanKind;

/// The first start by the device's clock, which counts with that of spans.
std::optional<std::uint64_t> first_on_device(std::span<const core::WorkRecord> records) {
  std::optional<std::uint64_t> first;
  for (const core::WorkRecord& record : records) {
    if (record.clock != core::ClockDomain::kGlobaltimerNs) continue;
    first = std::min(first.value_or(record.start_ns), record.start_ns);
  }
  return first;
}

const Span* launch_of(const std::vector<const Span*>& spans,
                      std::span<const core::WorkRecord> records) {
  std::map<std::string, std::uint64_t> totals;
  for (const Span* span : spans) {
    if (span->kind == SpanKind::kKernel) totals[span->name] += span->end_ns - span->start_ns;
  }
  if (totals.empty()) return nullptr;
  const auto longest =
      std::max_element(totals.begin(), totals.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::optional<std::uint64_t> near = first_on_device(records);
  const auto distance = [&](const Span& span) {
    return span.start_ns > *near ? span.start_ns - *near : *near - span.start_ns;
  };
  const Span* best = nullptr;
  for (const Span* span : spans) {
    if (span->kind != SpanKind::kKernel || span->name != longest->first) continue;
    if (best == nullptr || !near || distance(*span) < distance(*best)) best = span;
  }
  return best;
}

/// Usable spans, of which the longest stay; by start, of one start the outermost first.
std::vector<const Span*> kept_spans(const traces::Profile& profile, std::size_t most,
                                    std::int64_t& left_out) {
  std::vector<const Span*> spans;
  for (const Span& span : profile.spans) {
    if (span.end_ns >= span.start_ns) spans.push_back(&span);
  }
  if (spans.size() > most) {
    left_out = static_cast<std::int64_t>(spans.size() - most);
    std::nth_element(spans.begin(), spans.begin() + static_cast<std::ptrdiff_t>(most), spans.end(),
                     [](const Span* a, const Span* b) {
                       return a->end_ns - a->start_ns > b->end_ns - b->start_ns;
                     });
    spans.resize(most);
  }
  std::sort(spans.begin(), spans.end(), [](const Span* a, const Span* b) {
    return std::make_tuple(a->start_ns, b->end_ns, a->depth, a) <
           std::make_tuple(b->start_ns, a->end_ns, b->depth, b);
  });
  return spans;
}

double since(std::uint64_t at, std::uint64_t origin) {
  return at >= origin ? static_cast<double>(at - origin) : -static_cast<double>(origin - at);
}

QString size_text(std::uint64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes < 1024) return QStringLiteral("%1 B").arg(bytes);
  if (bytes < (1U << 20)) return QStringLiteral("%1 KiB").arg(value / 1024.0, 0, 'f', 1);
  return QStringLiteral("%1 MiB").arg(value / (1024.0 * 1024.0), 0, 'f', 1);
}

QString kind_name(SpanKind kind) {
  switch (kind) {
    case SpanKind::kRange:
      return QStringLiteral("range");
    case SpanKind::kKernel:
      return QStringLiteral("kernel");
    case SpanKind::kCopy:
      return QStringLiteral("copy");
    case SpanKind::kFill:
      return QStringLiteral("fill");
  }
  return {};
}

}  // namespace

SpanRows span_rows(const traces::Profile& profile, std::span<const core::WorkRecord> records,
                   std::size_t most) {
  SpanRows out;
  const std::vector<const Span*> spans = kept_spans(profile, most, out.left_out);
  if (spans.empty()) return out;
  const Span* launch = launch_of(spans, records);
  out.has_launch = launch != nullptr;
  const std::uint64_t origin = (launch != nullptr ? launch : spans.front())->start_ns;
  // Ranges of one thread are nested; what the device did is on its streams.
  std::map<std::pair<bool, std::uint64_t>, std::vector<const Span*>> tracks;
  for (const Span* span : spans) {
    tracks[{span->kind != SpanKind::kRange, span->track}].push_back(span);
  }
  int threads = 0;
  for (const auto& [track, of_track] : tracks) {
    const QString label = track.first ? QStringLiteral("stream %1").arg(track.second)
                                      : QStringLiteral("host %1").arg(++threads);
    const int first_row = static_cast<int>(out.rows.size());
    LaneStacker stacker;
    for (const Span* span : of_track) {
      TimelineSpan made{span->kind,
                        QString::fromStdString(span->name),
                        since(span->start_ns, origin),
                        since(span->end_ns, origin),
                        span->bytes,
                        0};
      made.row = first_row + static_cast<int>(stacker.lane_for(made.start_ns, made.end_ns));
      out.begin_ns = std::min(out.begin_ns, made.start_ns);
      out.end_ns = std::max(out.end_ns, made.end_ns);
      out.spans.push_back(std::move(made));
    }
    for (std::size_t i = 0; i < stacker.lanes(); ++i)
      out.rows.push_back({i == 0 ? label : QString(), 0, 0});
  }
  std::stable_sort(out.spans.begin(), out.spans.end(),
                   [](const TimelineSpan& a, const TimelineSpan& b) { return a.row < b.row; });
  std::size_t at = 0;
  for (std::size_t row = 0; row < out.rows.size(); ++row) {
    out.rows[row].first = at;
    while (at < out.spans.size() && out.spans[at].row == static_cast<int>(row)) ++at;
    out.rows[row].end = at;
  }
  return out;
}

std::span<const TimelineSpan> SpanRows::visible(std::size_t row, double from_ns,
                                                double to_ns) const {
  if (row >= rows.size()) return {};
  const auto of_row = std::span(spans).subspan(rows[row].first, rows[row].end - rows[row].first);
  // Spans of a row follow one another, so their ends rise as their starts do.
  const auto first =
      std::partition_point(of_row.begin(), of_row.end(),
                           [&](const TimelineSpan& span) { return span.end_ns < from_ns; });
  const auto last = std::partition_point(
      first, of_row.end(), [&](const TimelineSpan& span) { return span.start_ns < to_ns; });
  return {first, last};
}

QString short_span_name(const QString& name) {
  // Template arguments and parameters go, and what stands before the function's own name.
  QString flat;
  int depth = 0;
  for (const QChar c : name) {
    if (c == QLatin1Char('>') && depth > 0) --depth;
    const bool is_inside = depth > 0;
    if (c == QLatin1Char('<')) ++depth;
    if (is_inside || c == QLatin1Char('<') || c == QLatin1Char('>')) continue;
    if (c == QLatin1Char('(') && flat.contains(QLatin1String("::"))) break;
    flat += c;
  }
  const auto at = flat.lastIndexOf(QLatin1String("::"));
  return (at < 0 ? flat : flat.mid(at + 2)).trimmed();
}

QString describe(const TimelineSpan& span) {
  QString text = QStringLiteral("%1 %2: %3, from %4")
                     .arg(kind_name(span.kind), span.name,
                          duration_text(span.end_ns - span.start_ns), duration_text(span.start_ns));
  if (span.bytes > 0) text += QStringLiteral(", ") + size_text(span.bytes);
  return text;
}

}  // namespace bsfa::gui
