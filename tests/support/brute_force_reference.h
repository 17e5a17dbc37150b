// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/block.h"
#include "core/problem.h"
#include "core/tensor.h"

namespace bsfa::test {

/// The rules of docs/method.md as the simplest loops that follow them, in long double, sharing
/// nothing with the reference but types. Slow: for problems of a few hundred tokens.
///
/// Both hold the item's whole rows x N scores. `statistics` leaves beta empty; `output` leaves low
/// and retained_mass empty. The problem must have its scale.
core::BlockStatistics brute_force_statistics(const core::Problem& problem,
                                             const core::AttentionInputs& inputs,
                                             const core::WorkItem& item);
core::BlockOutput brute_force_output(const core::Problem& problem,
                                     const core::AttentionInputs& inputs,
                                     const core::WorkItem& item,
                                     const std::vector<core::TileCode>& mask);

/// Whether query row `row` sees column `column`.
bool sees(const core::Problem& problem, std::int64_t row, std::int64_t column);

/// scale·q·k in long double.
long double brute_force_score(const core::Problem& problem, const core::AttentionInputs& inputs,
                              const core::WorkItem& item, std::int64_t row, std::int64_t column);

}  // namespace bsfa::test
