// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/profile_tables.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "analysis/level_cost.h"
#include "analysis/timing.h"
#include "cli/profile/report.h"
#include "cli/support/format.h"
#include "cli/support/json.h"
#include "cli/support/table.h"

namespace bsfa::cli {
namespace {

constexpr std::size_t kShownStallLines = 10;
/// A double holds every whole number up to here.
constexpr double kExact = 0x1p53;

std::string head_text(const traces::Profile& p) {
  std::vector<std::pair<std::string, std::string>> entries;
  if (p.multiprocessors > 0) entries.emplace_back("multiprocessors", count(p.multiprocessors));
  if (p.compute_tile.q_block > 0) entries.emplace_back("tile product", describe(p.compute_tile));
  if (p.tensor_per_qk > 0 || p.tensor_per_pv > 0) {
    entries.emplace_back("tensor instructions", fmt::format("{} a QK product, {} a PV product",
                                                            p.tensor_per_qk, p.tensor_per_pv));
  }
  if (!p.spans.empty()) {
    entries.emplace_back("spans", count(static_cast<std::int64_t>(p.spans.size())));
  }
  return entries.empty() ? "" : fields(entries);
}

const traces::LaunchTimes* plain_times(const traces::Profile& p) {
  const auto at = std::find_if(p.times.begin(), p.times.end(),
                               [](const auto& t) { return t.variant == "none"; });
  return at == p.times.end() ? nullptr : &*at;
}

std::string times_text(const traces::Profile& p) {
  if (p.times.empty()) return "";
  const traces::LaunchTimes* plain = plain_times(p);
  Table table({"launch", "median\nms", "MAD\nms", "rounds", "over\nnone"});
  table.align_left(0);
  for (const auto& times : p.times) {
    const auto summary = analysis::summarize(times.times_ns);
    const auto added = plain == nullptr || plain == &times
                           ? std::nullopt
                           : analysis::added_cost(plain->times_ns, times.times_ns);
    table.add({times.variant, fmt::format("{:.4g}", 1e-6 * summary.median),
               fmt::format("{:.2g}", 1e-6 * summary.mad), std::to_string(times.times_ns.size()),
               added ? relative_change(added->share) : "-"});
  }
  return "\n" + table.text();
}

std::string value_text(double value) {
  const bool whole = std::abs(value) < kExact && value == std::floor(value);
  return whole ? count(static_cast<std::int64_t>(value)) : figure(value);
}

std::string counters_text(const traces::Profile& p) {
  if (p.counters.empty()) return "";
  Table table({"counted", "metric", "value"});
  for (const std::size_t column : {0U, 1U}) table.align_left(column);
  std::string set;
  for (const auto& c : p.counters) {
    table.add({c.set == set ? "" : c.set, c.metric, value_text(c.value)});
    set = c.set;
  }
  return "\n" + table.text();
}

std::string text_member(const Json& object, const char* name) {
  if (!object.is_object() || !object.contains(name)) return "-";
  return object[name].is_string() ? object[name].get<std::string>() : object[name].dump();
}

std::string findings_text(const traces::Profile& p) {
  if (p.findings.empty()) return "";
  const auto findings = Json::parse(p.findings, nullptr, false);
  if (!findings.is_array()) return "\n  findings: cannot be read\n";
  if (findings.empty()) return "\n  findings: none\n";
  std::string text = "\n  findings\n";
  for (const auto& finding : findings) {
    text += fmt::format("    {}  {}: {}\n", text_member(finding, "severity"),
                        text_member(finding, "rule"), text_member(finding, "text"));
  }
  return text;
}

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

std::string refusals_text(const traces::Profile& profile, const std::string& indent) {
  std::string text;
  for (const auto& f : profile.facilities) {
    if (f.status == traces::Facility::Status::kDone) continue;
    text += fmt::format("{}{} refused: {}\n", indent, f.name, f.refusal);
    if (!f.advice.empty()) text += fmt::format("{}  {}\n", indent, f.advice);
  }
  return text;
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

std::string profile_tables_text(const traces::Profile& profile) {
  const std::string indent = "  ", refusals = refusals_text(profile, indent);
  std::string text = head_text(profile);
  if (!profile.facilities.empty()) text += "\n" + facilities_table(profile, indent);
  if (!refusals.empty()) text += "\n" + refusals;
  return text + times_text(profile) + counters_text(profile) + samples_table(profile, indent) +
         stalls_table(profile, indent) + findings_text(profile);
}

}  // namespace bsfa::cli
