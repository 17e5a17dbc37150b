// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <vector>

#include "core/block.h"
#include "core/random.h"
#include "reference/attention.h"
#include "tests/support/brute_force.h"
#include "tests/support/brute_force_reference.h"

namespace bsfa::core {

std::ostream& operator<<(std::ostream& out, const Problem& p);

}  // namespace bsfa::core

namespace bsfa::test {

/// Keeps or skips each off-diagonal tile with a share of its own.
std::vector<core::TileCode> random_mask(const core::Problem& problem, const core::WorkItem& item,
                                        core::SplitMix64& random);

/// How far doubles may carry a score, and a weighted mean of V, from the exact values: D products
/// of relative error 2^-53 each, against the Cauchy-Schwarz bound of the largest score; weights
/// follow the scores, and N of them are added.
double score_tolerance(const Inputs& inputs);
double output_tolerance(const Inputs& inputs);

/// Both must agree within those, and in NaN, infinities and counts exactly. `beta` is not compared.
void require_same_statistics(const Inputs& inputs, const core::BlockStatistics& actual,
                             const core::BlockStatistics& expected);
/// Exempt channels must be the same, and are not compared further.
void require_same_output(const Inputs& inputs, const core::BlockOutput& actual,
                         const core::BlockOutput& expected);

}  // namespace bsfa::test
