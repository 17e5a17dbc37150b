// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

namespace bsfa::analysis {

/// What a level of instrumentation may add to a kernel's time, as a share of it.
inline constexpr double kWorkLevelLimit = 0.02;
inline constexpr double kWarpsLevelLimit = 0.05;

/// What one variant adds to another that was timed in the same rounds.
struct AddedCost {
  double share = 0.0;      ///< median over rounds of time / base, less 1
  double deviation = 0.0;  ///< median absolute deviation of those ratios
};

/// Pairs the two round by round, so that what drifts between rounds is in neither. None where
/// there is no round, the numbers of rounds differ, or a base time is not positive.
std::optional<AddedCost> added_cost(std::span<const double> base, std::span<const double> times);

}  // namespace bsfa::analysis
