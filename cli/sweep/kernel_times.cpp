// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep/kernel_times.h"

#include "analysis/timing.h"

namespace bsfa::cli {
namespace {

constexpr int kMostRounds = 7;

}  // namespace

KernelTimes time_interleaved(kernels::Runner& runner, std::vector<kernels::RunRequest> requests,
                             double budget_ms, const core::RunControl& control) {
  for (auto& request : requests) {
    request.want_mask = false;
    request.want_records = false;
  }
  std::vector<std::vector<double>> times(requests.size());
  KernelTimes result;
  double spent_ms = 0.0;
  do {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      times[i].push_back(runner.run(requests[i], control).elapsed_ms);
      spent_ms += times[i].back();
    }
    ++result.rounds;
  } while (result.rounds < kMostRounds &&
           spent_ms * (result.rounds + 1) / result.rounds <= budget_ms);
  for (const auto& row : times) {
    const auto summary = analysis::summarize(row);
    result.median_ms.push_back(summary.median);
    result.mad_ms.push_back(summary.mad);
  }
  return result;
}

}  // namespace bsfa::cli
