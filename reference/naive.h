// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/mask.h"
#include "core/problem.h"
#include "core/tensor.h"
#include "core/work.h"

namespace bsfa::reference {

/// The naive computation in the problem's dtype under a mask: scores accumulated in order in fp32;
/// P = exp(S - row maximum), unnormalised, rounded to the dtype; PV and the row sum of unrounded
/// exponentials accumulated in fp32 in column order; O rounded once. Its distance from the exact
/// result is what a kernel's arithmetic is measured against.
///
/// Shapes  mask: [Kb]; returns O, [rows, D], row-major. Rows with a NaN or +inf score that takes
///         part are NaN, rows without weight 0.
std::vector<float> naive_output(const core::Problem& problem, const core::AttentionInputs& inputs,
                                const core::WorkItem& item, std::span<const core::TileCode> mask);

}  // namespace bsfa::reference
