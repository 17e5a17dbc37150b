// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/headline.h"

#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bsfa::cli {
namespace {

struct Shown {
  const char* metric;
  const char* name;
};
constexpr std::array kShown = {
    Shown{"sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed", "tensor pipe"},
    Shown{"sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active", "exp pipe"},
    Shown{"smsp__issue_active.avg.pct_of_peak_sustained_active", "issue slots"},
    Shown{"sm__warps_active.avg.pct_of_peak_sustained_active", "occupancy"},
    Shown{"lts__t_sector_hit_rate.pct", "L2 hits"},
    Shown{"dram__throughput.avg.pct_of_peak_sustained_elapsed", "DRAM"},
};

}  // namespace

std::string headline_counters(
    const std::function<std::optional<double>(std::string_view metric)>& value) {
  std::vector<std::string> shown;
  for (const auto& [metric, name] : kShown) {
    if (const auto percent = value(metric))
      shown.push_back(fmt::format("{} {:.1f} %", name, *percent));
  }
  return fmt::format("{}", fmt::join(shown, ", "));
}

}  // namespace bsfa::cli
