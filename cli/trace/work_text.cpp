// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/work_text.h"

#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/support/format.h"

namespace bsfa::cli {
namespace {

std::string microseconds(const analysis::Coefficient& c) {
  if (!c.standard_error) return figure(1e-3 * c.value) + " us";
  return fmt::format("({} ± {}) us", figure(1e-3 * c.value), figure(1e-3 * *c.standard_error));
}

}  // namespace

std::string balance_text(const analysis::WorkProfile& profile) {
  const analysis::Balance& units = profile.units;
  if (units.units.empty()) return "no record can be used";
  return fmt::format("{} {}{}, max/mean {}, idle {}", units.units.size(),
                     analysis::unit_name(profile.records.clock), units.units.size() == 1 ? "" : "s",
                     units.max_over_mean ? fmt::format("{:.3f}", *units.max_over_mean) : "-",
                     percent(units.idle_share));
}

std::string cost_text(const analysis::CostModel& model) {
  std::vector<std::string> known, unknown;
  const auto add = [&](const std::optional<analysis::Coefficient>& c, const char* what) {
    if (c) known.push_back(microseconds(*c) + " " + what);
  };
  add(model.per_item_ns, "an item");
  add(model.per_seen_ns, "a tile seen");
  add(model.per_kept_ns, "a tile kept");
  if (model.together_ns) {
    known.push_back(fmt::format("{} a tile seen with {} of a tile kept",
                                microseconds(*model.together_ns), figure(*model.kept_per_seen)));
  }
  if (!model.per_item_ns) unknown.emplace_back("an item");
  if (!model.per_seen_ns) unknown.emplace_back("a tile seen");
  if (!model.per_kept_ns) unknown.emplace_back("a tile kept");
  std::string text = known.empty() ? "none" : fmt::format("{}", fmt::join(known, " + "));
  if (model.r_squared) text += fmt::format(", R² {:.3f}", *model.r_squared);
  if (!unknown.empty()) {
    text += fmt::format("; these items do not determine the cost of {} alone",
                        fmt::join(unknown, " or "));
  }
  return text;
}

}  // namespace bsfa::cli
