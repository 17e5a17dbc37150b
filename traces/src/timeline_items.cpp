// SPDX-License-Identifier: Apache-2.0
#include "traces/src/timeline_items.h"

#include <tuple>
#include <utility>

namespace bsfa::traces {
namespace {

void collect_sequence(const Sequence& sequence, std::int64_t layer, const core::Problem& problem,
                      TimelineContent& content) {
  if (!sequence.work) return;
  for (const core::WorkRecord& record : *sequence.work) {
    if (record.warp >= 0) {
      ++content.of_warps;
      continue;
    }
    ++content.all_items;
    if (record.clock == core::ClockDomain::kNone || record.end_ns < record.start_ns) {
      ++content.items_set_aside;
      continue;
    }
    content.items.push_back({record, layer, &problem});
  }
}

void collect_items(const TraceReader& reader, TimelineContent& content) {
  std::vector<std::pair<std::int64_t, std::int64_t>> places;
  for (const std::int64_t layer : reader.layers()) {
    for (const std::int64_t sequence : reader.sequences(layer))
      places.emplace_back(layer, sequence);
  }
  content.problems.reserve(places.size());
  for (const auto& [layer, sequence] : places) {
    const Sequence data = reader.overview(layer, sequence);
    content.many_batches |= data.problem.batch > 1;
    content.problems.push_back(data.problem);
    collect_sequence(data, layer, content.problems.back(), content);
  }
  std::stable_sort(content.items.begin(), content.items.end(),
                   [](const TimelineItem& a, const TimelineItem& b) {
                     return std::tie(a.record.start_ns, a.record.end_ns) <
                            std::tie(b.record.start_ns, b.record.end_ns);
                   });
}

void collect_spans(const TraceReader& reader, TimelineContent& content) {
  for (const std::int64_t layer : reader.layers()) {
    if (auto profile = reader.profile(layer)) {
      content.profiles.push_back({layer, std::move(*profile)});
    }
  }
  for (const LayerProfile& of : content.profiles) {
    for (const Span& span : of.profile.spans) {
      ++content.all_spans;
      if (span.end_ns < span.start_ns) {
        ++content.spans_set_aside;
      } else {
        content.spans.push_back({&span, of.layer});
      }
    }
  }
}

}  // namespace

TimelineContent collect_timeline(const TraceReader& reader) {
  TimelineContent content;
  content.many_layers = reader.layers().size() > 1;
  collect_items(reader, content);
  collect_spans(reader, content);
  return content;
}

}  // namespace bsfa::traces
