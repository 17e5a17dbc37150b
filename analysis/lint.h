// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/thresholds.h"

namespace bsfa::analysis {

enum class Severity { kError, kWarning };

/// One thing that is wrong or suspicious about a threshold table.
struct LintFinding {
  Severity severity = Severity::kError;
  std::string rule;  ///< nan, shape, increasing-in-k, all-minus-inf, block-size, short, heads, ...
  std::string text;  ///< one line with the place
};

/// Errors: NaN, shape that does not match the values, τ increasing in k (a larger k must not keep
/// fewer), block sizes or heads that differ from the problem's. Warnings: all -inf for a k and head
/// (nothing is ever skipped), a table shorter than the sequence.
std::vector<LintFinding> lint(const core::ThresholdTable& table,
                              const std::optional<core::Problem>& problem);

}  // namespace bsfa::analysis
