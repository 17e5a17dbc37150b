// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep/kernel_times.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bsfa::cli {
namespace {

constexpr int kMostRounds = 7;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2.0;
}

double median_deviation(std::vector<double> values, double center) {
  for (double& value : values) value = std::abs(value - center);
  return median(std::move(values));
}

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
    result.median_ms.push_back(median(row));
    result.mad_ms.push_back(median_deviation(row, result.median_ms.back()));
  }
  return result;
}

}  // namespace bsfa::cli
