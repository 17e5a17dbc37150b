// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/support/self_calibration.h"
#include "core/thresholds.h"

namespace CLI {
class App;
}

namespace bsfa::cli {

/// Where thresholds come from, exactly one of them.
struct ThresholdOptions {
  std::string file;
  std::optional<std::int64_t> k;     ///< which of the file's k values
  std::optional<std::int64_t> topk;  ///< calibrate on this very input
  std::optional<float> tau;          ///< one value for all
  bool keep_all = false;             ///< gating on, every τ = -inf
  bool dense = false;                ///< gating off
};

/// Thresholds for one layer, and the words for the report.
struct ChosenThresholds {
  std::optional<core::Thresholds> values;  ///< none: gating off
  std::string source;                      ///< "thresholds.safetensors, k 16, layer 4"
  std::optional<std::int64_t> k;
  bool self_calibrated = false;

  const core::Thresholds* get() const { return values ? &*values : nullptr; }
  /// Whether keeping every tile is what was asked for, and not what calibration came to.
  bool keep_all_requested() const { return !values || (values->keeps_all() && !self_calibrated); }
};

void add_threshold_options(CLI::App& command, ThresholdOptions& options);

/// Errors  throws core::UsageError unless exactly one source was given.
void require_one_source(const ThresholdOptions& options);

/// Calibrates on a device where `kernel` (nullptr: none) computes on one.
///
/// Errors  throws core::UsageError (a file with several k and none chosen), core::InputError,
///         core::InvalidProblem (thresholds that do not fit, scores that cannot be calibrated on),
///         core::DeviceError.
ChosenThresholds choose_thresholds(const ThresholdOptions& options, const CalibrationInput& input,
                                   std::int64_t layer, std::span<const core::WorkItem> items,
                                   const kernels::Kernel* kernel, const core::RunControl& control);

/// Positions of a layer or of k in a table that was read from `file`.
///
/// Errors  throws core::InputError listing what the file holds.
std::size_t layer_position(const core::ThresholdTable& table, std::int64_t layer,
                           const std::string& file);
std::size_t k_position(const core::ThresholdTable& table, std::int64_t k, const std::string& file);

/// core::validate with the file's name before the text.
void require_fit(const core::Thresholds& thresholds, const core::Problem& problem,
                 const std::string& file);

}  // namespace bsfa::cli
