// SPDX-License-Identifier: Apache-2.0
#include "traces/perfetto.h"

#include <iterator>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "traces/chrome_trace.h"
#include "traces/src/time_base.h"
#include "traces/src/timeline_items.h"
#include "traces/src/timeline_profile.h"
#include "traces/src/timeline_units.h"

namespace bsfa::traces {
namespace {

/// What is left out of each kind of event; empty where nothing is.
struct Labels {
  std::string items, spans, samples;
  std::string all(bool profiled) const {
    std::vector<std::string_view> said;
    for (const std::string* label : {&items, &spans, &samples}) {
      if (!label->empty()) said.push_back(*label);
    }
    if (!said.empty()) return fmt::format("{}", fmt::join(said, "; "));
    return profiled ? "all work items, spans and samples are shown" : "all work items are shown";
  }
};

Labels labels_of(const PerfettoExport& made) {
  Labels labels;
  if (made.capped > 0) {
    labels.items = fmt::format("the longest {} of {} work items", made.shown, made.items);
  }
  if (made.spans_capped > 0) {
    labels.spans = fmt::format("the longest {} of {} spans", made.spans_shown, made.spans);
  }
  if (made.samples_shown < made.samples) {
    labels.samples = fmt::format("one in {} of {} samples", made.sample_step, made.samples);
  }
  return labels;
}

/// How clocks and launches were brought together.
std::string alignment_of(const TimeBase& base) {
  return fmt::format(
      "work items, spans and samples are of different launches of one problem, laid upon one "
      "another at the launch's start: {}",
      fmt::join(base.notes(), "; "));
}

void append_provenance(std::vector<ChromeTrace::Entry>& metadata, const Provenance& p) {
  const ChromeTrace::Entry entries[] = {{"kernel", p.kernel},
                                        {"gpu", p.gpu},
                                        {"driver", p.driver},
                                        {"input_file", p.input_file},
                                        {"input_sha256", p.input_sha256},
                                        {"thresholds", p.thresholds},
                                        {"verdict", p.verdict},
                                        {"command_line", p.command_line},
                                        {"created_utc", p.created_utc}};
  metadata.insert(metadata.end(), std::begin(entries), std::end(entries));
}

std::string finish(ChromeTrace& trace, const Provenance& p, const PerfettoExport& made,
                   const TimelineContent& content, const TimeBase& base) {
  const std::string tool = fmt::format("bsfa {} ({})", p.tool_version, p.commit);
  const bool profiled = content.has_spans_or_samples();
  const std::string cap = labels_of(made).all(profiled), alignment = alignment_of(base);
  std::vector<ChromeTrace::Entry> metadata{{"tool", tool}};
  append_provenance(metadata, p);
  metadata.insert(metadata.end(), {{"work_items", made.items},
                                   {"work_items_shown", made.shown},
                                   {"work_items_capped", made.capped},
                                   {"work_items_set_aside", made.set_aside},
                                   {"warp_records_not_shown", content.of_warps},
                                   {"cap", cap}});
  if (profiled) {
    metadata.insert(metadata.end(), {{"spans", made.spans},
                                     {"spans_shown", made.spans_shown},
                                     {"spans_capped", made.spans_capped},
                                     {"spans_set_aside", made.spans_set_aside},
                                     {"samples", made.samples},
                                     {"samples_shown", made.samples_shown},
                                     {"alignment", alignment}});
  }
  return trace.finish(metadata);
}

}  // namespace

PerfettoExport export_perfetto(const TraceReader& reader, std::int64_t max_events) {
  TimelineContent content = collect_timeline(reader);
  PerfettoExport made;
  made.items = content.all_items;
  made.set_aside = content.items_set_aside;
  made.capped = cap_events(content.items, max_events);
  made.shown = std::ssize(content.items) - made.capped;
  made.spans = content.all_spans;
  made.spans_set_aside = content.spans_set_aside;
  made.spans_capped = cap_events(content.spans, max_events);
  made.spans_shown = std::ssize(content.spans) - made.spans_capped;
  const SamplesShown samples = thin_samples(content, max_events);
  made.samples = samples.all;
  made.samples_shown = samples.shown;
  made.sample_step = samples.step;

  const TimeBase base(content);
  const Labels labels = labels_of(made);
  ChromeTrace trace;
  add_spans(trace, content, base, labels.spans);
  add_units(trace, content, base, labels.items);
  add_samples(trace, content, base, samples, labels.samples);
  made.json = finish(trace, reader.provenance(), made, content, base);
  return made;
}

}  // namespace bsfa::traces
