// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "cli/compare/layer_result.h"
#include "cli/profile/conclusions.h"
#include "cli/profile/subject.h"
#include "cli/support/json.h"
#include "traces/trace.h"

namespace bsfa::cli {

/// What a report is about, beside what was collected and concluded.
struct ProfileReport {
  const Subject& subject;
  const Collection& collection;
  const Conclusions& conclusions;
  const LayerResult* check = nullptr;  ///< null where nothing was compared
  std::string gpu, driver;             ///< empty for a host kernel
  double elapsed_s = 0.0;
};

/// The profile as one JSON object; docs/cli.md lists its keys.
Json profile_json(const ProfileReport& report, const traces::Provenance& provenance);
/// The findings alone, as a trace keeps them.
Json findings_json(const Conclusions& conclusions);

/// The profile for people, findings last.
std::string profile_text(const ProfileReport& report);

/// Samples of stalls added up: the lines and the reasons with most of them.
struct StallSum {
  std::string place;  ///< "portable_forward.cuh:217", with folders where names repeat; or a reason
  std::string text;   ///< the line itself
  std::string reasons;
  std::uint64_t samples = 0;
};
struct StallSums {
  std::uint64_t samples = 0;
  std::vector<StallSum> lines;    ///< most first
  std::vector<StallSum> reasons;  ///< most first
};
StallSums sum_stalls(const std::vector<traces::StallLine>& stalls);

/// The lowest, middle and highest value of a series.
struct SeriesRange {
  double low = 0.0, median = 0.0, high = 0.0;
};
std::optional<SeriesRange> range_of(const traces::SampleSeries& series);

}  // namespace bsfa::cli
