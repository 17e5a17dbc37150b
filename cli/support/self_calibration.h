// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/calibration.h"
#include "cli/support/tile_scores.h"
#include "core/problem.h"
#include "core/run_control.h"
#include "core/tensor.h"
#include "core/work.h"

namespace bsfa::cli {

/// One layer of one input, as calibration sees it.
struct CalibrationInput {
  core::Problem problem;
  core::AttentionInputs inputs;
  std::string name;  ///< of the sample; batch entries get "NAME#b"
};

/// Adds the tile maxima of `items` to `calibration`, one sample for each batch entry. Partial Q
/// blocks are left out. The result does not depend on the number of threads.
///
/// Errors  throws core::InvalidProblem naming the sample where a score is NaN or infinite; what
///         for_each_tile_row throws.
void add_to_calibration(analysis::Calibration& calibration, std::size_t layer,
                        const CalibrationInput& input, std::span<const core::WorkItem> items,
                        const ScoreDevice& device, const core::RunControl& control);

/// Names of the samples that an input adds.
std::vector<std::string> sample_names(const CalibrationInput& input);

/// A table calibrated on the checked Q blocks of this very input, for every k at once. Q blocks
/// that were not asked about take the value of the nearest earlier one that was; a head without a
/// whole Q block keeps everything.
core::ThresholdTable self_calibrate(const CalibrationInput& input, std::int64_t layer,
                                    const std::vector<std::int64_t>& k_values,
                                    std::span<const core::WorkItem> items,
                                    const ScoreDevice& device, const core::RunControl& control);

}  // namespace bsfa::cli
