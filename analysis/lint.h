// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "core/thresholds.h"

namespace bsfa::analysis {

enum class Severity { kError, kWarning };

/// One thing that is wrong or suspicious about a threshold table.
struct LintFinding {
  Severity severity = Severity::kError;
  std::string rule;  ///< as named at lint()
  std::string text;  ///< one line with the place
};

/// Everything wrong with a table, errors first; empty where nothing is.
///
/// Errors    shape           sizes below 1, or values that do not match them; nothing else is
/// looked
///                           at then
///           k-values        negative or repeated k
///           layers          a layer is there twice
///           nan             a τ is NaN
///           increasing-in-k a larger k keeps fewer tiles
///           block-size      not a gate of the method, or not the problem's
///           heads           not the problem's
/// Warnings  all-minus-inf   a head never skips at this k
///           plus-inf        k is not 0, and yet a τ skips everything
///           short           the table ends before the sequence does; its last entry is repeated
std::vector<LintFinding> lint(const core::ThresholdTable& table,
                              const std::optional<core::Problem>& problem);

std::string_view name_of(Severity severity) noexcept;

}  // namespace bsfa::analysis
