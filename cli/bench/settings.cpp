// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/settings.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "analysis/density_thresholds.h"
#include "cli/support/command.h"
#include "cli/support/format.h"
#include "cli/support/input_options.h"
#include "cli/support/threshold_choice.h"
#include "core/error.h"
#include "io/threshold_file.h"

namespace bsfa::cli {
namespace {

GateSetting setting(std::string name, core::Thresholds thresholds) {
  GateSetting made;
  made.name = std::move(name);
  made.thresholds = std::move(thresholds);
  return made;
}

/// Calls `make`, whose errors are about what these scores are.
template <typename Make>
std::vector<core::Thresholds> from_scores(const TileMax& scores, Make&& make) {
  try {
    return make();
  } catch (const core::InvalidProblem& error) {
    throw core::InvalidProblem("scores of " + scores.source + ": " + error.what());
  }
}

void add_densities(Settings& settings, const SettingOptions& o, const core::Problem& problem,
                   const TileMax& scores) {
  std::vector<double> shares;
  for (const double percentage : o.densities) shares.push_back(percentage / 100.0);
  auto tables = from_scores(
      scores, [&] { return analysis::thresholds_keeping_shares(problem, scores.values, shares); });
  for (std::size_t i = 0; i < shares.size(); ++i) {
    settings.list.push_back(
        setting(fmt::format("density {:g} %", o.densities[i]), std::move(tables[i])));
    settings.list.back().kept = shares[i];
  }
  settings.source = "exact shares of each Q block, by the scores of " + scores.source;
}

void add_topk(Settings& settings, const SettingOptions& o, const core::Problem& problem,
              const TileMax& scores) {
  auto tables = from_scores(
      scores, [&] { return analysis::thresholds_keeping_tiles(problem, scores.values, o.topk); });
  for (std::size_t i = 0; i < o.topk.size(); ++i) {
    settings.list.push_back(setting(fmt::format("top {}", o.topk[i]), std::move(tables[i])));
    settings.list.back().k = o.topk[i];
  }
  settings.source = "the top tiles of each Q block, by the scores of " + scores.source;
}

void add_table(Settings& settings, const SettingOptions& o, const core::Problem& problem,
               std::int64_t layer) {
  const auto table = io::read_thresholds(o.file);
  for (const std::int64_t k : o.k.empty() ? table.k_values : o.k) {
    auto values = table.select(k_position(table, k, o.file), layer_position(table, layer, o.file));
    require_fit(values, problem, o.file);
    settings.list.push_back(setting(fmt::format("k {}", k), std::move(values)));
    settings.list.back().k = k;
  }
  settings.source = o.file;
}

void add_constant(Settings& settings, float tau, const core::Problem& problem) {
  auto values = core::Thresholds::constant(problem.heads, problem.gate, tau);
  core::validate(values, problem);
  settings.list.push_back(setting("tau " + figure(static_cast<double>(tau)), std::move(values)));
  settings.list.back().tau = static_cast<double>(tau);
  settings.source = "one for all";
}

}  // namespace

void add_setting_options(CLI::App& command, SettingOptions& o) {
  const std::string group = "Gate (one of --density, --topk, --thresholds, --tau; --dense)";
  command
      .add_option("--density", o.densities,
                  "percent of tiles that each Q block keeps, as 100,50,25,12.5,0")
      ->delimiter(',')
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0).description(""))
      ->group(group);
  command.add_option("--topk", o.topk, "tiles that each Q block keeps, as 8,16,32")
      ->delimiter(',')
      ->type_name("K")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()).description(""))
      ->group(group);
  command.add_option("--thresholds", o.file, "table from calibrate or import, safetensors or .pt")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--k", o.k, "which k of the table (default: all)")
      ->delimiter(',')
      ->type_name("K")
      ->group(group);
  command.add_option("--tau", o.tau, "one threshold for all, in score units after scaling")
      ->type_name("X")
      ->group(group);
  command.add_flag("--dense", o.dense, "time gating off as well, or alone")->group(group);
}

void check_settings(const SettingOptions& o) {
  const int given = static_cast<int>(!o.densities.empty()) + static_cast<int>(!o.topk.empty()) +
                    static_cast<int>(!o.file.empty()) + static_cast<int>(o.tau.has_value());
  if (given > 1) {
    throw core::UsageError("only one of --density, --topk, --thresholds and --tau is needed");
  }
  if (given == 0 && !o.dense) {
    throw core::UsageError(
        "one of --density, --topk, --thresholds, --tau or --dense is needed: what is to be timed?");
  }
  if (!o.topk.empty()) sorted_k_values(o.topk);
  if (o.k.empty()) return;
  if (o.file.empty()) throw core::UsageError("--k chooses from a table: give --thresholds too");
  sorted_k_values(o.k);
}

Settings make_settings(const SettingOptions& o, const core::Problem& problem, std::int64_t layer,
                       const std::function<TileMax()>& tile_max) {
  Settings settings;
  settings.source = "none, gating off";
  if (o.dense) {
    settings.list.emplace_back();
    settings.list.back().name = "gate off";
  }
  if (!o.densities.empty()) add_densities(settings, o, problem, tile_max());
  if (!o.topk.empty()) add_topk(settings, o, problem, tile_max());
  if (!o.file.empty()) add_table(settings, o, problem, layer);
  if (o.tau) add_constant(settings, *o.tau, problem);
  return settings;
}

}  // namespace bsfa::cli
