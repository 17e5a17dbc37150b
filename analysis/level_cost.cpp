// SPDX-License-Identifier: Apache-2.0
#include "analysis/level_cost.h"

#include <vector>

#include "analysis/timing.h"

namespace bsfa::analysis {

std::optional<AddedCost> added_cost(std::span<const double> base, std::span<const double> times) {
  if (base.empty() || base.size() != times.size()) return std::nullopt;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < base.size(); ++i) {
    if (!(base[i] > 0.0)) return std::nullopt;
    ratios.push_back(times[i] / base[i]);
  }
  const TimeSummary summary = summarize(ratios);
  return AddedCost{summary.median - 1.0, summary.mad};
}

}  // namespace bsfa::analysis
