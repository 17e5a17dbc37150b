// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/timing.h"
#include "analysis/work_profile.h"
#include "cli/support/json.h"
#include "traces/reader.h"

namespace bsfa::cli {

/// Launches of one variant in two profiles.
struct TimesDiff {
  std::string variant;
  std::optional<analysis::TimeSummary> a, b;
  /// Median of B over that of A, and how far chance may move it: 0.01 is a hundredth either way.
  std::optional<double> ratio, spread;
};

/// One metric of two profiles.
struct CounterDiff {
  std::string set, metric;
  std::optional<double> a, b;      ///< none where it was not counted, or the device gave none
  std::optional<double> relative;  ///< b / a - 1; none where that says nothing
};

/// One source line's or reason's share of all samples of stalled warps.
struct StallShare {
  std::string what;  ///< "a.cuh:217" by the newer of the two, or a reason
  std::string text;  ///< the line itself
  double a = 0.0, b = 0.0;
};

/// Which of a facility's two runs did not get what it asked for.
struct FacilityDiff {
  std::string name, a, b;  ///< "done", "refused: ...", "not asked for"
};

/// One layer that both traces profiled.
struct ProfileDiff {
  std::int64_t layer = 0;
  std::vector<FacilityDiff> facilities;             ///< those that differ
  std::vector<TimesDiff> times;                     ///< in the order of A, then those of B alone
  std::optional<analysis::LoadComparison> balance;  ///< none where one has no work records
  std::vector<CounterDiff> counters;                ///< the farthest apart first
  std::vector<StallShare> lines, reasons;           ///< the farthest apart first
};

ProfileDiff diff_profiles(const traces::Profile& a, const traces::Profile& b);

/// Every layer that both traces profiled, with its balance.
///
/// Errors  throws core::InputError.
std::vector<ProfileDiff> diff_profiles(const traces::TraceReader& a, const traces::TraceReader& b);

std::string text_of(const ProfileDiff& diff);
Json to_json(const ProfileDiff& diff);

}  // namespace bsfa::cli
