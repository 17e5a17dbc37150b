// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "analysis/timing.h"
#include "cli/profile/report.h"
#include "cli/support/format.h"
#include "cli/support/short_paths.h"

namespace bsfa::cli {
namespace {

constexpr std::size_t kReasonsOfALine = 2;
constexpr const char* kNoLine = "(no line)";

using ByReason = std::map<std::string, std::uint64_t>;

std::vector<std::pair<std::string, std::uint64_t>> most_first(const ByReason& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

/// "long_scoreboard" of "smsp__pcsamp_warps_issue_stalled_long_scoreboard", as tables have no room
/// for all.
std::string_view short_reason(std::string_view reason) {
  constexpr std::string_view kPrefix = "smsp__pcsamp_warps_issue_stalled_";
  if (reason.substr(0, kPrefix.size()) == kPrefix) reason.remove_prefix(kPrefix.size());
  return reason;
}

/// "long_scoreboard 61 %, wait 20 %".
std::string main_reasons(const ByReason& counts, std::uint64_t all) {
  std::string text;
  const auto sorted = most_first(counts);
  for (std::size_t i = 0; i < std::min(kReasonsOfALine, sorted.size()); ++i) {
    const double share = static_cast<double>(sorted[i].second) / static_cast<double>(all);
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", short_reason(sorted[i].first),
                        percent(share, 0));
  }
  return text;
}

ShortPaths files_of(const std::vector<traces::StallLine>& stalls) {
  std::set<std::string> files;
  for (const auto& stall : stalls) files.insert(stall.file);
  ShortPaths names;
  names.keep_apart(files);
  return names;
}

std::string place_of(const traces::StallLine& stall, const ShortPaths& files) {
  if (stall.file.empty()) return kNoLine;
  return fmt::format("{}:{}", files.of(stall.file), stall.line);
}

}  // namespace

StallSums sum_stalls(const std::vector<traces::StallLine>& stalls) {
  struct Line {
    std::string text;
    ByReason reasons;
    std::uint64_t samples = 0;
  };
  const ShortPaths files = files_of(stalls);
  std::map<std::string, Line> lines;
  ByReason reasons;
  StallSums sums;
  for (const auto& stall : stalls) {
    Line& line = lines[place_of(stall, files)];
    line.text = stall.text;
    line.reasons[stall.reason] += stall.samples;
    line.samples += stall.samples;
    reasons[stall.reason] += stall.samples;
    sums.samples += stall.samples;
  }
  for (const auto& [place, line] : lines) {
    sums.lines.push_back(
        {place, line.text, main_reasons(line.reasons, line.samples), line.samples});
  }
  std::stable_sort(sums.lines.begin(), sums.lines.end(),
                   [](const auto& a, const auto& b) { return a.samples > b.samples; });
  for (const auto& [reason, samples] : most_first(reasons)) {
    sums.reasons.push_back({reason, "", "", samples});
  }
  return sums;
}

std::optional<SeriesRange> range_of(const traces::SampleSeries& series) {
  std::vector<double> values;
  for (const float value : series.values) {
    if (std::isfinite(value)) values.push_back(static_cast<double>(value));
  }
  if (values.empty()) return std::nullopt;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return SeriesRange{*low, analysis::summarize(values).median, *high};
}

}  // namespace bsfa::cli
