// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/support/input_options.h"
#include "cli/support/problem_source.h"
#include "cli/support/threshold_choice.h"

namespace CLI {
class App;
}

namespace bsfa::cli {

/// What is collected, each in a pass of its own.
enum class Collected { kTime, kWork, kCounters, kSamples, kStalls };
std::string_view name_of(Collected what) noexcept;

struct ProfileOptions {
  SourceOptions source;
  InputOptions input;
  ThresholdOptions thresholds;
  std::string kernel = "auto";
  std::vector<std::string> only;  ///< names of Collected; empty: all
  std::string metrics;            ///< a metric file instead of the built-in one
  double interval_us = 5.0;       ///< between samples
  double max_seconds = 10.0;      ///< for timing, after which no round begins
  std::optional<double> ceiling_tflops;
  bool loads = false;
  std::string check;                 ///< "", a number of Q blocks or "all"
  std::vector<std::string> sources;  ///< folders of the kernel's source files
  std::string trace, json;
  std::vector<std::string> command;  ///< a program to profile instead of a problem
  /// Options that were given, by their names; empty where they do not come from a command line.
  std::function<std::vector<std::string>()> given;
};

void add_profile_options(CLI::App& command, ProfileOptions& options);

/// Errors  throws core::UsageError where options contradict one another or say too little.
void check_options(const ProfileOptions& options);

/// What --only asks for.
///
/// Errors  throws core::UsageError for an unknown name.
std::set<Collected> collected(const ProfileOptions& options);

}  // namespace bsfa::cli
