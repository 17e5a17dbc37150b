// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "analysis/verdict.h"

namespace bsfa::analysis {

/// What skipping costs in one Q block: `masked[0]` against `dense`, both of the reference. Rows
/// with a NaN or +inf score and exempt channels are left out.
MethodFinding measure_method(const core::Problem& problem, const core::BlockEvaluation& evaluation);

/// Bound on lost over kept softmax mass of one row (0 .. rows), without a dense run: the sum over
/// skipped tiles of columns·exp(tile_max + β - LSE_kept). +inf where it promises nothing.
double certificate_of_row(const core::Problem& problem, const core::BlockStatistics& statistics,
                          const core::BlockOutput& masked, std::int64_t row);

/// Whether masked and dense reference outputs differ somewhere by more than `bound`, in rows and
/// channels that arithmetic judges.
bool outputs_differ(const core::Problem& problem, const core::BlockEvaluation& evaluation,
                    double bound);

}  // namespace bsfa::analysis
