// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/profile_diff.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "cli/support/short_paths.h"

namespace bsfa::cli {
namespace {

using traces::Profile;

std::string outcome_of(const Profile& profile, const std::string& name) {
  const auto at = std::find_if(profile.facilities.begin(), profile.facilities.end(),
                               [&](const auto& f) { return f.name == name; });
  if (at == profile.facilities.end()) return "not asked for";
  return at->status == traces::Facility::Status::kDone ? "done" : "refused: " + at->refusal;
}

std::vector<FacilityDiff> facilities_of(const Profile& a, const Profile& b) {
  std::vector<FacilityDiff> found;
  const auto add = [&](const std::string& name) {
    const FacilityDiff diff{name, outcome_of(a, name), outcome_of(b, name)};
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&](const FacilityDiff& f) { return f.name == name; });
    if (!known && diff.a != diff.b) found.push_back(diff);
  };
  for (const auto& f : a.facilities) add(f.name);
  for (const auto& f : b.facilities) add(f.name);
  return found;
}

double relative_mad(const analysis::TimeSummary& summary) {
  return summary.mad / summary.median;
}

void add_times(std::vector<TimesDiff>& to, const traces::LaunchTimes& times,
               std::optional<analysis::TimeSummary> TimesDiff::*side) {
  if (times.times_ns.empty()) return;
  auto at = std::find_if(to.begin(), to.end(),
                         [&](const TimesDiff& t) { return t.variant == times.variant; });
  if (at == to.end()) at = to.insert(to.end(), {times.variant, {}, {}, {}, {}});
  (*at).*side = analysis::summarize(times.times_ns);
}

std::vector<TimesDiff> times_of(const Profile& a, const Profile& b) {
  std::vector<TimesDiff> found;
  for (const auto& times : a.times) add_times(found, times, &TimesDiff::a);
  for (const auto& times : b.times) add_times(found, times, &TimesDiff::b);
  for (TimesDiff& t : found) {
    if (!t.a || !t.b || !(t.a->median > 0.0) || !(t.b->median > 0.0)) continue;
    t.ratio = t.b->median / t.a->median;
    t.spread = *t.ratio * std::hypot(relative_mad(*t.a), relative_mad(*t.b));
  }
  return found;
}

std::optional<double> value_of(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::optional<double> relative(const CounterDiff& c) {
  if (!c.a || !c.b) return std::nullopt;
  if (*c.a == *c.b) return 0.0;
  const double change = *c.b / *c.a - 1.0;
  return std::isfinite(change) ? std::optional(change) : std::nullopt;
}

/// What cannot be put in relation comes behind what can.
double distance_of(const CounterDiff& c) {
  return c.relative ? std::abs(*c.relative) : -1.0;
}

std::vector<CounterDiff> counters_of(const Profile& a, const Profile& b) {
  std::vector<CounterDiff> found;
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  const auto add = [&](const traces::Counter& c, std::optional<double> CounterDiff::*side) {
    const auto [at, added] = known.try_emplace({c.set, c.metric}, found.size());
    if (added) found.push_back({c.set, c.metric, {}, {}, {}});
    found[at->second].*side = value_of(c.value);
  };
  for (const auto& c : a.counters) add(c, &CounterDiff::a);
  for (const auto& c : b.counters) add(c, &CounterDiff::b);
  for (CounterDiff& c : found) c.relative = relative(c);
  std::stable_sort(found.begin(), found.end(), [](const CounterDiff& x, const CounterDiff& y) {
    return distance_of(x) > distance_of(y);
  });
  return found;
}

std::uint64_t all_samples(const Profile& profile) {
  std::uint64_t all = 0;
  for (const auto& stall : profile.stalls) all += stall.samples;
  return all;
}

/// Adds a profile's shares to the lines, and to the reasons. A line is known again by its text,
/// since editing a file moves lines; one without text by its number. A file is known again by the
/// end of its path, since builds lie in different folders.
class StallShares {
 public:
  StallShares(const Profile& a, const Profile& b) {
    for (const Profile* profile : {&a, &b}) {
      std::set<std::string> files;
      for (const auto& stall : profile->stalls) files.insert(stall.file);
      files_.keep_apart(files);
    }
    add(a, &StallShare::a);
    add(b, &StallShare::b);
  }
  std::vector<StallShare> lines() const { return farthest_first(lines_); }
  std::vector<StallShare> reasons() const { return farthest_first(reasons_); }

 private:
  using Shares = std::map<std::pair<std::string, std::string>, StallShare>;

  void add(const Profile& profile, double StallShare::*side) {
    const auto all = static_cast<double>(all_samples(profile));
    for (const auto& stall : profile.stalls) {
      const auto samples = static_cast<double>(stall.samples);
      const std::string file = files_.of(stall.file);
      const std::string place =
          file.empty() ? "(no line)" : file + ":" + std::to_string(stall.line);
      StallShare& line = lines_[{file, stall.text.empty() ? place : stall.text}];
      line.what = place;
      line.text = stall.text;
      line.*side += samples;
      StallShare& reason = reasons_[{stall.reason, ""}];
      reason.what = stall.reason;
      reason.*side += samples;
    }
    for (Shares* shares : {&lines_, &reasons_}) {
      for (auto& [key, share] : *shares) share.*side /= all;
    }
  }

  static std::vector<StallShare> farthest_first(const Shares& shares) {
    std::vector<StallShare> list;
    for (const auto& [key, share] : shares) list.push_back(share);
    std::stable_sort(list.begin(), list.end(), [](const StallShare& x, const StallShare& y) {
      return std::abs(x.b - x.a) > std::abs(y.b - y.a);
    });
    return list;
  }

  ShortPaths files_;
  Shares lines_, reasons_;
};

/// All work records of a layer, which one launch wrote.
std::vector<core::WorkRecord> records_of(const traces::TraceReader& reader, std::int64_t layer) {
  std::vector<core::WorkRecord> records;
  for (const std::int64_t sequence : reader.sequences(layer)) {
    const auto work = reader.overview(layer, sequence).work;
    if (work) records.insert(records.end(), work->begin(), work->end());
  }
  return records;
}

std::optional<std::int64_t> units_of(const Profile& profile) {
  return profile.multiprocessors > 0 ? std::optional(profile.multiprocessors) : std::nullopt;
}

}  // namespace

ProfileDiff diff_profiles(const Profile& a, const Profile& b) {
  ProfileDiff diff;
  diff.facilities = facilities_of(a, b);
  diff.times = times_of(a, b);
  diff.counters = counters_of(a, b);
  if (all_samples(a) > 0 && all_samples(b) > 0) {
    const StallShares shares(a, b);
    diff.lines = shares.lines();
    diff.reasons = shares.reasons();
  }
  return diff;
}

std::vector<ProfileDiff> diff_profiles(const traces::TraceReader& a, const traces::TraceReader& b) {
  std::vector<ProfileDiff> found;
  const auto in_b = b.layers();
  for (const std::int64_t layer : a.layers()) {
    if (!std::binary_search(in_b.begin(), in_b.end(), layer)) continue;
    if (!a.has_profile(layer) || !b.has_profile(layer)) continue;
    const auto first = *a.profile(layer), second = *b.profile(layer);
    ProfileDiff diff = diff_profiles(first, second);
    diff.layer = layer;
    const auto work_a = records_of(a, layer), work_b = records_of(b, layer);
    if (!work_a.empty() && !work_b.empty()) {
      diff.balance = analysis::compare_loads(analysis::profile_work(work_a, units_of(first)),
                                             analysis::profile_work(work_b, units_of(second)));
    }
    found.push_back(std::move(diff));
  }
  return found;
}

}  // namespace bsfa::cli
