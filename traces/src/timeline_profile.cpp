// SPDX-License-Identifier: Apache-2.0
#include "traces/src/timeline_profile.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "traces/src/timeline_rows.h"

namespace bsfa::traces {
namespace {

/// A span where the document has it.
struct Placed {
  const TimelineSpan* of = nullptr;
  std::uint64_t start_ns = 0, end_ns = 0;
  std::uint64_t duration_ns() const { return end_ns - start_ns; }
};

const char* name_of(SpanKind kind) noexcept {
  switch (kind) {
    case SpanKind::kRange:
      return "range";
    case SpanKind::kKernel:
      return "kernel";
    case SpanKind::kCopy:
      return "copy";
    case SpanKind::kFill:
      return "fill";
  }
  return "";
}

/// What is shown, in the order that rows are filled in: of one start the outermost first.
std::vector<Placed> placed(const TimelineContent& content, const TimeBase& base, bool ranges) {
  std::vector<Placed> spans;
  for (const TimelineSpan& of : content.spans) {
    if (of.shown && (of.span->kind == SpanKind::kRange) == ranges) {
      spans.push_back({&of, base.of_span(of.layer, of.span->start_ns),
                       base.of_span(of.layer, of.span->end_ns)});
    }
  }
  std::stable_sort(spans.begin(), spans.end(), [](const Placed& a, const Placed& b) {
    return std::make_tuple(a.start_ns, b.end_ns, a.of->span->depth) <
           std::make_tuple(b.start_ns, a.end_ns, b.of->span->depth);
  });
  return spans;
}

void add_span(ChromeTrace& trace, std::int64_t pid, std::int64_t tid, const Placed& placed) {
  const Span& span = *placed.of->span;
  std::vector<ChromeTrace::Entry> arguments{{"layer", placed.of->layer}};
  if (span.kind == SpanKind::kRange) {
    arguments.emplace_back("depth", std::uint64_t{span.depth});
  }
  if (span.kind == SpanKind::kCopy || span.kind == SpanKind::kFill) {
    arguments.emplace_back("bytes", span.bytes);
    if (placed.duration_ns() > 0) {
      arguments.emplace_back("gigabytes_per_second", static_cast<double>(span.bytes) /
                                                         static_cast<double>(placed.duration_ns()));
    }
  }
  trace.add_complete(pid, tid, span.name, name_of(span.kind), placed.start_ns, placed.duration_ns(),
                     arguments);
}

/// One process of rows, `Rows` for each track.
template <typename Rows>
void add_tracks(ChromeTrace& trace, std::int64_t pid, const char* what,
                const std::vector<Placed>& spans) {
  std::map<std::uint64_t, std::vector<const Placed*>> tracks;
  for (const Placed& span : spans) tracks[span.of->span->track].push_back(&span);
  for (const auto& [track, own] : tracks) {
    Rows rows;
    std::vector<std::int64_t> threads;
    for (const Placed* span : own) {
      const std::size_t row = rows.place(span->start_ns, span->end_ns);
      if (row == threads.size()) {
        const std::string name = fmt::format("{} {}", what, track);
        threads.push_back(
            trace.add_thread(pid, row == 0 ? name : fmt::format("{}, row {}", name, row + 1)));
      }
      add_span(trace, pid, threads[row], *span);
    }
  }
}

}  // namespace

void add_spans(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
               const std::string& label) {
  const auto ranges = placed(content, base, true), device = placed(content, base, false);
  if (!ranges.empty()) {
    add_tracks<NestedRows>(trace, trace.add_process("host", label), "thread", ranges);
  }
  if (!device.empty()) {
    add_tracks<SeparateRows>(trace, trace.add_process("device", label), "stream", device);
  }
}

SamplesShown thin_samples(const TimelineContent& content, std::int64_t max_events) {
  SamplesShown samples;
  std::int64_t events = 0;
  for (const LayerProfile& of : content.profiles) {
    if (!of.profile.samples) continue;
    const auto size = std::ssize(of.profile.samples->start_ns);
    samples.all += size;
    events += size * std::ssize(of.profile.samples->series);
  }
  samples.step = std::max<std::int64_t>(1, (events + max_events - 1) / max_events);
  for (const LayerProfile& of : content.profiles) {
    if (!of.profile.samples) continue;
    const auto size = std::ssize(of.profile.samples->start_ns);
    samples.shown += (size + samples.step - 1) / samples.step;
  }
  return samples;
}

void add_samples(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
                 const SamplesShown& which, const std::string& label) {
  if (which.shown == 0) return;
  const std::int64_t pid = trace.add_process("samples", label);
  for (const LayerProfile& of : content.profiles) {
    if (!of.profile.samples) continue;
    const Samples& samples = *of.profile.samples;
    for (const SampleSeries& series : samples.series) {
      for (std::size_t i = 0; i < series.values.size(); i += static_cast<std::size_t>(which.step)) {
        if (std::isnan(series.values[i])) continue;
        trace.add_counter(pid, series.metric, base.of_sample(of.layer, samples.start_ns[i]),
                          {"value", series.values[i]});
      }
    }
  }
}

}  // namespace bsfa::traces
