// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "analysis/verdict.h"

namespace bsfa::analysis {

/// Judges O and, where there is one, LSE of one Q block against `evaluation.masked[0]`.
///
/// Errors  throws core::InvalidProblem where O is absent or of a dtype that cannot be judged.
ArithmeticFinding judge_arithmetic(const core::Problem& problem,
                                   const core::BlockEvaluation& evaluation,
                                   const core::KernelOutput& kernel);

/// What a row of the reference asks of a kernel.
enum class RowKind {
  kJudged,     ///< numbers, within the bound
  kPoisoned,   ///< a kept score is NaN or +inf: O all NaN, LSE not finite
  kEmpty,      ///< nothing but -inf is kept: O = 0, LSE = -inf
  kOverflows,  ///< the naive computation is not finite: nothing can be asked
};
RowKind row_kind(const core::BlockOutput& reference, std::int64_t row, std::int64_t channels);

}  // namespace bsfa::analysis
