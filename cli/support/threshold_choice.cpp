// SPDX-License-Identifier: Apache-2.0
#include "cli/support/threshold_choice.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/support/command.h"
#include "cli/support/format.h"
#include "cli/support/progress.h"
#include "core/error.h"
#include "io/threshold_file.h"

namespace bsfa::cli {
namespace {

ChosenThresholds from_file(const ThresholdOptions& options, const core::Problem& problem,
                           std::int64_t layer) {
  const auto table = io::read_thresholds(options.file);
  if (!options.k && table.k_values.size() > 1) {
    throw core::UsageError(fmt::format("{}: holds k = {}; choose one with --k", options.file,
                                       fmt::join(table.k_values, ", ")));
  }
  const std::int64_t k = options.k.value_or(table.k_values.front());
  auto values =
      table.select(k_position(table, k, options.file), layer_position(table, layer, options.file));
  require_fit(values, problem, options.file);
  return {std::move(values), fmt::format("{}, k {}, layer {}", options.file, k, layer), k, false};
}

ChosenThresholds constant(const core::Problem& problem, float tau, std::string source) {
  auto values = core::Thresholds::constant(problem.heads, problem.gate, tau);
  core::validate(values, problem);
  return {std::move(values), std::move(source), std::nullopt, false};
}

ChosenThresholds from_this_input(std::int64_t k, const CalibrationInput& input, std::int64_t layer,
                                 std::span<const core::WorkItem> items, const ScoreDevice& device,
                                 const core::RunControl& control) {
  Progress progress("calibrating");
  const auto table = self_calibrate(input, layer, {k}, items, device, progress.watch(control));
  return {table.select(0, 0),
          fmt::format("top {} of each Q block, calibrated on this very input", k), k, true};
}

}  // namespace

void add_threshold_options(CLI::App& command, ThresholdOptions& o) {
  const std::string group = "Thresholds (one of --thresholds, --topk, --tau, --keep-all, --dense)";
  command.add_option("--thresholds", o.file, "table from calibrate or import, safetensors or .pt")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--k", o.k, "which k of the table; needed where it holds several")
      ->type_name("K")
      ->group(group);
  command.add_option("--topk", o.topk, "calibrate on this very input to keep K tiles a Q block")
      ->type_name("K")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()).description(""))
      ->group(group);
  command.add_option("--tau", o.tau, "one threshold for all, in score units after scaling")
      ->type_name("X")
      ->group(group);
  command.add_flag("--keep-all", o.keep_all, "gating on, every threshold -inf")->group(group);
  command.add_flag("--dense", o.dense, "gating off")->group(group);
}

void require_one_source(const ThresholdOptions& o) {
  const int given = static_cast<int>(!o.file.empty()) + static_cast<int>(o.topk.has_value()) +
                    static_cast<int>(o.tau.has_value()) + static_cast<int>(o.keep_all) +
                    static_cast<int>(o.dense);
  if (given != 1) {
    throw core::UsageError(
        fmt::format("{} of --thresholds, --topk, --tau, --keep-all and --dense is needed",
                    given == 0 ? "one" : "only one"));
  }
  if (o.k && o.file.empty())
    throw core::UsageError("--k chooses from a table: give --thresholds too");
}

std::size_t layer_position(const core::ThresholdTable& table, std::int64_t layer,
                           const std::string& file) {
  const auto at = std::find(table.layers.begin(), table.layers.end(), layer);
  if (at == table.layers.end()) {
    throw core::InputError(file, fmt::format("has no thresholds for layer {}; it holds {}", layer,
                                             fmt::join(table.layers, ", ")));
  }
  return static_cast<std::size_t>(at - table.layers.begin());
}

std::size_t k_position(const core::ThresholdTable& table, std::int64_t k, const std::string& file) {
  const auto at = std::find(table.k_values.begin(), table.k_values.end(), k);
  if (at == table.k_values.end()) {
    throw core::InputError(file, fmt::format("has no thresholds for k = {}; it holds {}", k,
                                             fmt::join(table.k_values, ", ")));
  }
  return static_cast<std::size_t>(at - table.k_values.begin());
}

void require_fit(const core::Thresholds& thresholds, const core::Problem& problem,
                 const std::string& file) {
  try {
    core::validate(thresholds, problem);
  } catch (const core::InvalidProblem& error) {
    throw core::InputError(file, error.what());
  }
}

ChosenThresholds choose_thresholds(const ThresholdOptions& options, const CalibrationInput& input,
                                   std::int64_t layer, std::span<const core::WorkItem> items,
                                   const kernels::Kernel* kernel, const core::RunControl& control) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (options.dense) return {std::nullopt, "none, gating off", std::nullopt, false};
  if (options.keep_all) return constant(input.problem, -kInfinity, "-inf, every tile is kept");
  if (options.tau) {
    return constant(input.problem, *options.tau, "constant " + figure(*options.tau));
  }
  if (options.topk) {
    const ScoreDevice device = kernel != nullptr ? score_device_beside(*kernel) : nullptr;
    return from_this_input(*options.topk, input, layer, items, device, control);
  }
  return from_file(options, input.problem, layer);
}

}  // namespace bsfa::cli
