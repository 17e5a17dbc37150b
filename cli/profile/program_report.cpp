// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/program_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/profile/headline.h"
#include "cli/support/format.h"
#include "cli/support/json.h"
#include "cli/support/provenance.h"
#include "cli/support/table.h"

namespace bsfa::cli {
namespace {

constexpr const char* kHowToCount =
    "\nno counters: --only time,counters counts the first launch of each attention-like kernel, "
    "which is run again for every pass\n";
constexpr std::size_t kShownOthers = 5;
constexpr std::size_t kShownName = 64;

std::string shortened(const std::string& name) {
  return name.size() <= kShownName ? name : name.substr(0, kShownName - 3) + "...";
}

std::uint64_t total_ns(const profiler::InjectionReport& process) {
  return std::accumulate(
      process.kernels.begin(), process.kernels.end(), std::uint64_t{0},
      [](std::uint64_t sum, const auto& kernel) { return sum + kernel.total_ns; });
}

std::vector<std::string> cells(const profiler::InjectedKernel& kernel, std::uint64_t all_ns) {
  const auto& shape = kernel.shape;
  const double total = static_cast<double>(kernel.total_ns);
  return {shortened(kernel.name),
          count(static_cast<std::int64_t>(kernel.launches)),
          fmt::format("{:.4g}", 1e-6 * total),
          percent(total / static_cast<double>(all_ns), 1),
          fmt::format("{:.4g}", 1e-3 * static_cast<double>(kernel.median_ns)),
          fmt::format("{}", fmt::join(shape.grid, "x")),
          fmt::format("{}", fmt::join(shape.block, "x")),
          std::to_string(shape.registers),
          bytes(static_cast<std::uint64_t>(shape.static_shared_bytes) +
                static_cast<std::uint64_t>(shape.dynamic_shared_bytes))};
}

/// Attention-like kernels, all of them, then what else takes most time.
std::string kernels_text(const profiler::InjectionReport& process) {
  const std::uint64_t all_ns = total_ns(process);
  Table table({"kernel", "launches", "total\nms", "share", "median\nus", "grid", "block",
               "registers", "shared\nmemory"});
  table.align_left(0);
  std::size_t attention = 0, others = 0;
  for (const bool wanted : {true, false}) {
    if (!wanted && attention > 0) table.add_rule();
    for (const auto& kernel : process.kernels) {
      if (kernel.attention_like != wanted) continue;
      if (!wanted && ++others > kShownOthers) continue;
      if (wanted) ++attention;
      table.add(cells(kernel, all_ns));
    }
  }
  std::string text = fmt::format("{} attention-like kernel{}\n{}", attention,
                                 attention == 1 ? "" : "s", table.text(""));
  if (others > kShownOthers) {
    text += fmt::format("and {} other kernels; --json has all\n", others - kShownOthers);
  }
  return text;
}

std::string counters_text(const profiler::InjectedCounters& counters) {
  const auto value = [&](std::string_view metric) -> std::optional<double> {
    for (const auto& [name, counted] : counters.values) {
      if (name == metric && std::isfinite(counted)) return counted;
    }
    return std::nullopt;
  };
  return fmt::format("counted in {} passes: {}\n  {}\n", counters.passes,
                     shortened(counters.kernel), headline_counters(value));
}

std::string process_text(const profiler::InjectionReport& process) {
  std::string text = fmt::format("\nprocess {}: {}\n", process.process, process.command);
  for (const auto& refusal : process.refusals) {
    text += fmt::format("{} refused: {}\n", refusal.facility, refusal.words);
    if (!refusal.advice.empty()) text += fmt::format("  {}\n", refusal.advice);
  }
  if (process.dropped > 0) text += fmt::format("{} launches were lost\n", process.dropped);
  if (process.kernels.empty()) return text + "no kernel was launched\n";
  text += kernels_text(process);
  for (const auto& counters : process.counters) text += counters_text(counters);
  return text;
}

bool any_attention(const profiler::InjectedRun& run) {
  const auto is_attention = [](const auto& kernel) { return kernel.attention_like; };
  return std::any_of(run.processes.begin(), run.processes.end(), [&](const auto& process) {
    return std::any_of(process.kernels.begin(), process.kernels.end(), is_attention);
  });
}

}  // namespace

std::string program_text(const std::string& command, const profiler::InjectedRun& run,
                         bool counted) {
  std::string text = fields({{"command", command},
                             {"ended", fmt::format("exit code {} after {}", run.exit_code,
                                                   duration(1e-3 * run.wall_ms))}},
                            "");
  if (run.processes.empty()) {
    text +=
        "\nnothing was seen: no process of it used CUDA, or those that did were killed before "
        "their end\n";
  }
  for (const auto& process : run.processes) text += process_text(process);
  if (!counted && any_attention(run)) text += kHowToCount;
  return text;
}

std::string program_json(const std::string& command, const profiler::InjectedRun& run,
                         const std::string& command_line) {
  Json processes = Json::array();
  for (const auto& process : run.processes) {
    processes.push_back(Json::parse(profiler::to_json(process)));
  }
  return dump(Json{{"command", command},
                   {"exit_code", run.exit_code},
                   {"wall_ms", number(run.wall_ms)},
                   {"processes", std::move(processes)},
                   {"provenance", to_json(new_provenance(command_line))}});
}

}  // namespace bsfa::cli
