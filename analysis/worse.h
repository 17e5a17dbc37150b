// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace bsfa::analysis {

/// a > b, with NaN above everything, so that a maximum never loses one.
inline bool worse(double a, double b) noexcept {
  return !std::isnan(b) && !(a <= b);
}

}  // namespace bsfa::analysis
