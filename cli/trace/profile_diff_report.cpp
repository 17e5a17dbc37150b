// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/support/format.h"
#include "cli/support/table.h"
#include "cli/trace/profile_diff.h"

namespace bsfa::cli {
namespace {

constexpr std::size_t kShownLines = 10;
constexpr std::size_t kShownReasons = 5;
constexpr std::size_t kShownCounters = 20;
/// Counters of two launches of one kernel differ by less.
constexpr double kSameCounter = 0.01;
/// A share of stalls that moved by less is the same: of 10 000 samples chance moves half of it.
constexpr double kSameShare = 0.005;

std::string milliseconds(const std::optional<analysis::TimeSummary>& summary) {
  if (!summary) return "-";
  return fmt::format("{:.4g} ± {:.2g}", 1e-6 * summary->median, 1e-6 * summary->mad);
}

std::string facilities_text(const ProfileDiff& diff) {
  std::string text;
  for (const auto& f : diff.facilities) {
    text += fmt::format("  {}\n    A  {}\n    B  {}\n", f.name, f.a, f.b);
  }
  return text;
}

std::string times_text(const ProfileDiff& diff) {
  if (diff.times.empty()) return "";
  Table table({"launch", "A\nms", "B\nms", "B / A", "±"});
  table.align_left(0);
  for (const auto& t : diff.times) {
    table.add({t.variant, milliseconds(t.a), milliseconds(t.b),
               t.ratio ? fmt::format("{:.3f}", *t.ratio) : "-",
               t.spread ? fmt::format("{:.2g}", *t.spread) : "-"});
  }
  return table.text();
}

const char* better_text(analysis::LoadComparison::Better better) {
  switch (better) {
    case analysis::LoadComparison::Better::kFirst:
      return "A is shared out more evenly";
    case analysis::LoadComparison::Better::kSecond:
      return "B is shared out more evenly";
    case analysis::LoadComparison::Better::kNeither:
      return "both are shared out as evenly";
  }
  return "";
}

std::string balance_text(const ProfileDiff& diff) {
  if (!diff.balance) return "";
  const auto &a = diff.balance->first, &b = diff.balance->second;
  const auto ratio = [](std::optional<double> value) {
    return value ? fmt::format("{:.3f}", *value) : "-";
  };
  Table table({"balance", "A", "B"});
  table.align_left(0);
  table.add({"span, us", figure(1e-3 * a.span_ns), figure(1e-3 * b.span_ns)});
  table.add({"tiles kept", count(std::llround(a.kept)), count(std::llround(b.kept))});
  table.add({"kept an item, variation", percent(a.kept_variation), percent(b.kept_variation)});
  table.add({"busiest over mean", ratio(a.max_over_mean), ratio(b.max_over_mean)});
  table.add({"variation", percent(a.variation), percent(b.variation)});
  table.add({"tail", percent(a.tail_share), percent(b.tail_share)});
  table.add({"idle", percent(a.idle_share), percent(b.idle_share)});
  return "\n" + table.text() + "  " + better_text(diff.balance->better) + "\n";
}

std::string value_text(std::optional<double> value) {
  return value ? fmt::format("{:.6g}", *value) : "-";
}

std::string counters_text(const ProfileDiff& diff) {
  if (diff.counters.empty()) return "";
  Table table({"counted", "metric", "A", "B", "B / A - 1"});
  for (const std::size_t column : {0U, 1U}) table.align_left(column);
  std::size_t shown = 0;
  for (const auto& c : diff.counters) {
    const bool same = c.relative ? std::abs(*c.relative) < kSameCounter : c.a == c.b;
    if (same || shown == kShownCounters) continue;
    table.add({c.set, c.metric, value_text(c.a), value_text(c.b), relative_change(c.relative)});
    ++shown;
  }
  const std::string rest = fmt::format(
      "  {} of {} counters are not shown: the same, within {}, or beyond the first {}\n",
      diff.counters.size() - shown, diff.counters.size(), percent(kSameCounter, 0), kShownCounters);
  return "\n" + (shown > 0 ? table.text() : "") + (shown < diff.counters.size() ? rest : "");
}

std::string shares_text(const std::vector<StallShare>& shares, const char* heading,
                        std::size_t most) {
  Table table({heading, "A", "B", "moved", ""});
  for (const std::size_t column : {0U, 4U}) table.align_left(column);
  std::size_t shown = 0;
  for (const auto& s : shares) {
    if (shown == most || std::abs(s.b - s.a) < kSameShare) break;
    table.add(
        {s.what, percent(s.a, 1), percent(s.b, 1), relative_change(s.b - s.a), excerpt(s.text)});
    ++shown;
  }
  return shown > 0 ? "\n" + table.text() : "";
}

std::string stalls_text(const ProfileDiff& diff) {
  if (diff.lines.empty()) return "";
  const std::string text = shares_text(diff.reasons, "stalled for", kShownReasons) +
                           shares_text(diff.lines, "stalled at", kShownLines);
  return text.empty() ? "\n  warps stall at the same lines for the same reasons\n" : text;
}

Json summary_json(const std::optional<analysis::TimeSummary>& summary) {
  if (!summary) return nullptr;
  return {{"median_ns", number(summary->median)}, {"mad_ns", number(summary->mad)}};
}

Json side_json(const analysis::LoadComparison::Side& side) {
  return {{"span_ns", number(side.span_ns)},
          {"kept", number(side.kept)},
          {"kept_variation", number(side.kept_variation)},
          {"max_over_mean", number(side.max_over_mean)},
          {"variation", number(side.variation)},
          {"tail_share", number(side.tail_share)},
          {"idle_share", number(side.idle_share)}};
}

Json balance_json(const std::optional<analysis::LoadComparison>& loads) {
  if (!loads) return nullptr;
  using Better = analysis::LoadComparison::Better;
  Json better = nullptr;
  if (loads->better == Better::kFirst) better = "a";
  if (loads->better == Better::kSecond) better = "b";
  return {{"a", side_json(loads->first)},
          {"b", side_json(loads->second)},
          {"same_items", loads->same_items},
          {"better", better}};
}

Json shares_json(const std::vector<StallShare>& shares, const char* what) {
  Json list = Json::array();
  for (const auto& s : shares) {
    Json entry = {{what, s.what}, {"a", number(s.a)}, {"b", number(s.b)}};
    if (!s.text.empty()) entry["text"] = s.text;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

std::string text_of(const ProfileDiff& diff) {
  return fmt::format("\nlayer {}, profile\n", diff.layer) + facilities_text(diff) +
         times_text(diff) + balance_text(diff) + counters_text(diff) + stalls_text(diff);
}

Json to_json(const ProfileDiff& diff) {
  Json json = {{"layer", diff.layer},
               {"facilities", Json::array()},
               {"times", Json::array()},
               {"balance", balance_json(diff.balance)},
               {"counters", Json::array()},
               {"stall_reasons", shares_json(diff.reasons, "reason")},
               {"stall_lines", shares_json(diff.lines, "line")}};
  for (const auto& f : diff.facilities) {
    json["facilities"].push_back({{"name", f.name}, {"a", f.a}, {"b", f.b}});
  }
  for (const auto& t : diff.times) {
    json["times"].push_back({{"variant", t.variant},
                             {"a", summary_json(t.a)},
                             {"b", summary_json(t.b)},
                             {"ratio", number(t.ratio)},
                             {"spread", number(t.spread)}});
  }
  for (const auto& c : diff.counters) {
    json["counters"].push_back({{"set", c.set},
                                {"metric", c.metric},
                                {"a", number(c.a)},
                                {"b", number(c.b)},
                                {"relative", number(c.relative)}});
  }
  return json;
}

}  // namespace bsfa::cli
