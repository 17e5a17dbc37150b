// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/run_control.h"
#include "kernels/host/run.h"

namespace bsfa::cli {

/// Median time of each request over `rounds` interleaved rounds, so that a machine that slows down
/// slows every setting.
struct KernelTimes {
  int rounds = 0;
  std::vector<double> median_ms;  ///< in the order of the requests
  std::vector<double> mad_ms;     ///< median absolute deviation from it
};

/// Times the requests in up to seven rounds, fewer where those would take more than about
/// `budget_ms`, but at least one. Mask and records are not asked for.
///
/// Errors  as kernels::Runner.
KernelTimes time_interleaved(kernels::Runner& runner, std::vector<kernels::RunRequest> requests,
                             double budget_ms, const core::RunControl& control);

}  // namespace bsfa::cli
