// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/thresholds.h"
#include "io/generate.h"

namespace bsfa::test {

/// Whether τ lies between two tile maxima or on one.
enum class Placement { kBetween, kOnValue };

/// Thresholds that keep about `density` of the off-diagonal tiles of every head and position, from
/// the exact scores of the very problem. 0 gives τ = +inf, 1 gives -inf; positions that no Q block
/// of the problem reaches get -inf.
core::Thresholds quantile_thresholds(const io::GeneratedAttention& data, double density,
                                     Placement placement = Placement::kBetween);

}  // namespace bsfa::test
