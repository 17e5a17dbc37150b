// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/thresholds.h"

namespace CLI {
class App;
}

namespace bsfa::cli {

/// Which settings of the gate are timed: one kind of them, beside or instead of gating off.
struct SettingOptions {
  std::vector<double> densities;   ///< in percent
  std::vector<std::int64_t> topk;  ///< calibrate on this very input
  std::string file;                ///< a threshold table
  std::vector<std::int64_t> k;     ///< of the table; empty: all
  std::optional<float> tau;        ///< one value for all
  bool dense = false;
};
void add_setting_options(CLI::App& command, SettingOptions& options);

/// Errors  throws core::UsageError unless there is something to time and one kind of it.
void check_settings(const SettingOptions& options);

/// One setting of the gate, and what was asked for.
struct GateSetting {
  std::string name;                            ///< "gate off", "density 12.5 %", "k 16", ...
  std::optional<core::Thresholds> thresholds;  ///< none: gating off
  std::optional<double> kept;                  ///< requested share of the off-diagonal tiles
  std::optional<std::int64_t> k;
  std::optional<double> tau;

  const core::Thresholds* get() const { return thresholds ? &*thresholds : nullptr; }
};

/// The scores that thresholds are made from, [B,H,Qb,Kb], and whose they are.
struct TileMax {
  std::vector<float> values;
  std::string source;  ///< "kernel portable", "the reference"
};

/// Settings in the order of the options, gating off first, and the words for the report.
struct Settings {
  std::vector<GateSetting> list;
  std::string source;
};

/// Calls `tile_max` only where thresholds are made from it.
///
/// Errors  throws core::UsageError, core::InputError (a table that does not fit),
///         core::InvalidProblem (scores that give no threshold).
Settings make_settings(const SettingOptions& options, const core::Problem& problem,
                       std::int64_t layer, const std::function<TileMax()>& tile_max);

}  // namespace bsfa::cli
