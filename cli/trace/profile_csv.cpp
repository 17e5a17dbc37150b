// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/profile_csv.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "core/error.h"

namespace bsfa::cli {
namespace {

/// RFC 4180: what holds a comma, quote or line end stands in quotes, and quotes are doubled.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

const char* name_of(traces::SpanKind kind) noexcept {
  switch (kind) {
    case traces::SpanKind::kRange:
      return "range";
    case traces::SpanKind::kKernel:
      return "kernel";
    case traces::SpanKind::kCopy:
      return "copy";
    case traces::SpanKind::kFill:
      return "fill";
  }
  return "";
}

using Lines = std::back_insert_iterator<std::string>;

void add_times(Lines to, std::int64_t layer, const traces::Profile& profile) {
  for (const auto& times : profile.times) {
    for (std::size_t i = 0; i < times.times_ns.size(); ++i) {
      fmt::format_to(to, "{},{},{},{}\n", layer, quoted(times.variant), i, times.times_ns[i]);
    }
  }
}

void add_counters(Lines to, std::int64_t layer, const traces::Profile& profile) {
  for (const auto& c : profile.counters) {
    fmt::format_to(to, "{},{},{},{}\n", layer, quoted(c.set), quoted(c.metric), c.value);
  }
}

void add_samples(Lines to, std::int64_t layer, const traces::Profile& profile) {
  if (!profile.samples) return;
  for (const auto& series : profile.samples->series) {
    const std::string metric = quoted(series.metric);
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      fmt::format_to(to, "{},{},{},{}\n", layer, metric, profile.samples->start_ns[i],
                     series.values[i]);
    }
  }
}

void add_stalls(Lines to, std::int64_t layer, const traces::Profile& profile) {
  for (const auto& s : profile.stalls) {
    fmt::format_to(to, "{},{},{},{},{},{},{}\n", layer, quoted(s.function), quoted(s.file), s.line,
                   quoted(s.text), quoted(s.reason), s.samples);
  }
}

void add_spans(Lines to, std::int64_t layer, const traces::Profile& profile) {
  for (const auto& s : profile.spans) {
    fmt::format_to(to, "{},{},{},{},{},{},{},{}\n", layer, name_of(s.kind), quoted(s.name),
                   s.start_ns, s.end_ns, s.depth, s.track, s.bytes);
  }
}

struct TableOf {
  const char* name;
  const char* columns;
  void (*add)(Lines, std::int64_t, const traces::Profile&);
};
constexpr TableOf kTables[] = {
    {"times", "layer,variant,launch,time_ns\n", add_times},
    {"counters", "layer,set,metric,value\n", add_counters},
    {"samples", "layer,metric,start_ns,value\n", add_samples},
    {"stalls", "layer,function,file,line,text,reason,samples\n", add_stalls},
    {"spans", "layer,kind,name,start_ns,end_ns,depth,track,bytes\n", add_spans},
};

}  // namespace

const std::vector<std::string>& profile_tables() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const TableOf& table : kTables) all.emplace_back(table.name);
    return all;
  }();
  return names;
}

std::string profile_csv(const traces::TraceReader& reader, const std::string& file,
                        const std::string& table) {
  const TableOf& of = *std::find_if(std::begin(kTables), std::end(kTables),
                                    [&](const TableOf& t) { return table == t.name; });
  std::string rows;
  bool profiled = false;
  for (const std::int64_t layer : reader.layers()) {
    const auto profile = reader.profile(layer);
    if (!profile) continue;
    profiled = true;
    of.add(std::back_inserter(rows), layer, *profile);
  }
  if (!profiled) throw core::InputError(file, "holds no profile");
  if (rows.empty()) throw core::InputError(file, "its profile holds no " + table);
  return of.columns + rows;
}

}  // namespace bsfa::cli
