// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/profile_tables.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/profile/report.h"
#include "cli/support/format.h"
#include "cli/support/table.h"

namespace bsfa::cli {
namespace {

constexpr std::size_t kShownStallLines = 10;

}  // namespace

std::string facilities_table(const traces::Profile& profile, const std::string& indent) {
  Table table({"collected", "", "wall", "slowdown", "lost"});
  for (const std::size_t column : {0U, 1U}) table.align_left(column);
  for (const auto& f : profile.facilities) {
    const bool done = f.status == traces::Facility::Status::kDone;
    table.add({f.name, done ? "done" : "refused", duration(1e-3 * f.wall_ms),
               relative_change(f.slowdown), done ? std::to_string(f.dropped) : "-"});
  }
  return table.text(indent);
}

std::string refusals_text(const traces::Profile& profile,
                          const std::vector<std::string>& unknown_metrics,
                          const std::string& indent) {
  std::string text;
  for (const auto& f : profile.facilities) {
    if (f.status == traces::Facility::Status::kDone) continue;
    text += fmt::format("{}{} refused: {}\n", indent, f.name, f.refusal);
    if (!f.advice.empty()) text += fmt::format("{}  {}\n", indent, f.advice);
  }
  if (!unknown_metrics.empty()) {
    text += fmt::format("{}not among this GPU's metrics: {}\n", indent,
                        fmt::join(unknown_metrics, ", "));
  }
  return text;
}

std::string counters_table(const traces::Profile& profile, const std::string& indent) {
  if (profile.counters.empty()) return "";
  Table table({"counted", "metric", "value"});
  for (const std::size_t column : {0U, 1U}) table.align_left(column);
  std::string set;
  for (const auto& c : profile.counters) {
    table.add({c.set == set ? "" : c.set, c.metric, quantity(c.value)});
    set = c.set;
  }
  return "\n" + table.text(indent);
}

std::string samples_table(const traces::Profile& profile, const std::string& indent) {
  if (!profile.samples) return "";
  const traces::Samples& samples = *profile.samples;
  Table table({"sampled", "low", "median", "high"});
  table.align_left(0);
  for (const auto& series : samples.series) {
    const auto range = range_of(series);
    if (!range) continue;
    table.add({series.metric, figure(range->low), figure(range->median), figure(range->high)});
  }
  const std::string head = fmt::format("\n{}{} samples, {} us apart\n", indent,
                                       count(static_cast<std::int64_t>(samples.start_ns.size())),
                                       figure(1e-3 * static_cast<double>(samples.interval_ns)));
  return samples.start_ns.empty() ? head : head + table.text(indent);
}

std::string stalls_table(const traces::Profile& profile, const std::string& indent) {
  const StallSums sums = sum_stalls(profile.stalls);
  if (sums.samples == 0) return "";
  Table table({"stalled at", "share", "why", "source"});
  for (const std::size_t column : {0U, 2U, 3U}) table.align_left(column);
  for (std::size_t i = 0; i < std::min(kShownStallLines, sums.lines.size()); ++i) {
    const StallSum& line = sums.lines[i];
    table.add({line.place,
               percent(static_cast<double>(line.samples) / static_cast<double>(sums.samples), 1),
               line.reasons, excerpt(line.text)});
  }
  return "\n" + table.text(indent);
}

}  // namespace bsfa::cli
