// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "cli/support/input_options.h"
#include "cli/support/session.h"
#include "cli/support/threshold_choice.h"

namespace bsfa::cli {

struct CompareOptions {
  std::string qkv;
  InputOptions input;
  ThresholdOptions thresholds;
  std::string kernel = "cpu";
  std::string output;  ///< a saved output instead of a kernel
  SampleOptions sample;
  RepeatOptions repeat;
  std::string trace, json;
};

/// Judges a kernel or a saved output on every chosen layer and reports.
core::ExitCode run_compare(const CompareOptions& options, const Session& session);

}  // namespace bsfa::cli
