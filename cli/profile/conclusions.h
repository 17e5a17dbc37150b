// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/bound.h"
#include "analysis/findings.h"
#include "analysis/level_cost.h"
#include "analysis/roofline.h"
#include "analysis/tensor_check.h"
#include "analysis/timing.h"
#include "analysis/work_profile.h"
#include "cli/profile/subject.h"
#include "core/problem.h"

namespace bsfa::cli {

/// One row of times, with what it adds to level none.
struct VariantTime {
  std::string variant;
  analysis::TimeSummary summary_ns;
  std::size_t rounds = 0;
  std::optional<analysis::AddedCost> added;  ///< of a level of records
  std::optional<double> limit;               ///< that it should stay within
};

/// Traffic at one place of the memory hierarchy.
struct Traffic {
  std::string place;  ///< "DRAM", "L2"
  double bytes = 0.0;
  std::optional<double> rate;                  ///< bytes a second
  std::optional<double> peak_rate;             ///< as rate and the counted share of peak have it
  std::optional<double> intensity;             ///< issued floating-point operations a byte
  std::optional<analysis::Roofline> roofline;  ///< where a ceiling is known
};

/// Everything that follows from a collection; what lacks its data is none or empty.
struct Conclusions {
  std::vector<VariantTime> times;
  std::optional<double> time_ns;     ///< of level none
  std::optional<double> counted_ns;  ///< of the launch that was counted, by its own counter
  std::optional<analysis::WorkProfile> work;
  analysis::WorkTotals totals;
  std::optional<analysis::TensorCheck> tensor;
  std::optional<analysis::BoundDistance> bound;
  std::optional<analysis::CeilingDistance> ceiling;
  std::vector<Traffic> traffic;
  std::optional<analysis::ValueTraffic> values;
  std::vector<analysis::Finding> findings;
};

/// `ceiling_tflops`: a measured rate of matrix products; none: nothing is said of distances to it.
Conclusions conclude(const core::Problem& problem, const Collection& collection,
                     std::optional<double> ceiling_tflops);

/// Value of a metric that was counted; none where it was not, or has none.
std::optional<double> counted(const traces::Profile& profile, std::string_view metric);

}  // namespace bsfa::cli
