// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/support/json.h"
#include "kernels/host/nvml.h"

namespace bsfa::cli {

/// What a GPU said of itself before, while and after kernels were timed.
struct GpuState {
  std::string refusal;  ///< why it was not read; empty where it was
  kernels::GpuReading before, after;
  std::vector<kernels::GpuReading> during;  ///< between rounds
};

/// Reads a GPU now and then, never while a kernel runs, so that nothing disturbs the times.
class GpuWatch {
 public:
  explicit GpuWatch(const std::string& pci_bus_id,
                    const std::string& library = kernels::Nvml::kLibrary);

  /// Between two rounds; reads at most ten times a second.
  void between_rounds();
  GpuState finish();

 private:
  using Clock = std::chrono::steady_clock;

  kernels::Nvml nvml_;
  GpuState state_;
  Clock::time_point last_;
};

Json to_json(const GpuState& state);

/// Names and texts for the report: clocks, power, temperature, throttling.
std::vector<std::pair<std::string, std::string>> gpu_fields(const GpuState& state);

}  // namespace bsfa::cli
