// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cli/support/self_calibration.h"
#include "core/run_control.h"
#include "core/thresholds.h"

namespace bsfa::cli {

/// What a table does to an input that it was not made from.
struct HeldOutDensity {
  std::int64_t layer = 0;
  std::int64_t k = 0;
  std::optional<double> predicted;  ///< share of off-diagonal tiles if each Q block kept its top k
  std::optional<double> measured;   ///< share that the table keeps
};

/// Density of one layer for every k of the table, from one pass over the scores.
///
/// Errors  throws core::InvalidProblem where the table does not fit; core::Interrupted;
///         what for_each_tile_row throws.
std::vector<HeldOutDensity> held_out_density(const core::ThresholdTable& table, std::size_t layer,
                                             const CalibrationInput& input,
                                             const ScoreDevice& device,
                                             const core::RunControl& control);

}  // namespace bsfa::cli
