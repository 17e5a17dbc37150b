// SPDX-License-Identifier: Apache-2.0
#include "cli/trace/work_text.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analysis/bound.h"
#include "cli/support/format.h"

namespace bsfa::cli {
namespace {

std::string microseconds(const analysis::Coefficient& c) {
  if (!c.standard_error) return figure(1e-3 * c.value) + " us";
  return fmt::format("({} ± {}) us", figure(1e-3 * c.value), figure(1e-3 * *c.standard_error));
}

std::string ratio(std::optional<double> value) {
  return value ? fmt::format("{:.3f}", *value) : "-";
}

std::string numbered(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", count(static_cast<std::int64_t>(number)), what,
                     number == 1 ? "" : "s");
}

std::string tiles_text(const analysis::WorkTotals& totals) {
  const auto share =
      totals.seen > 0.0 ? std::optional(totals.kept / totals.seen) : std::optional<double>();
  return fmt::format("{} seen, {} kept ({}) by {} items", quantity(totals.seen),
                     quantity(totals.kept), percent(share), quantity(totals.items));
}

/// "8 SMs, max/mean 1.02, idle 3.41 %": how evenly the units shared the work.
std::string balance_text(const analysis::WorkProfile& profile) {
  const analysis::Balance& units = profile.units;
  if (units.units.empty()) return "no record can be used";
  return fmt::format("{}, max/mean {}, idle {}",
                     numbered(units.units.size(), analysis::unit_name(profile.records.clock)),
                     ratio(units.max_over_mean), percent(units.idle_share));
}

std::string tail_text(const analysis::Balance& units) {
  std::string text =
      fmt::format("variation {}, tail {}", percent(units.variation), percent(units.tail_share));
  if (units.idle) {
    text += fmt::format("; idle before {}, between {}, after {}", percent(units.idle->before),
                        percent(units.idle->between), percent(units.idle->after));
  }
  return text;
}

/// Below the units, where gaps say nothing: a grid that is not persistent has a CTA for each item.
std::string parts_text(const analysis::Balance& parts) {
  std::string text = fmt::format("{}, max/mean {}, variation {}",
                                 numbered(parts.units.size(), analysis::name_of(parts.level)),
                                 ratio(parts.max_over_mean), percent(parts.variation));
  if (parts.within_cta) {
    text += fmt::format("; busiest of a CTA over its mean {}", ratio(parts.within_cta));
  }
  return text;
}

std::string causes_text(const analysis::ImbalanceCauses& causes) {
  return fmt::format("{} over the mean: {} from its items and tiles, {} from elsewhere",
                     relative_change(causes.excess), relative_change(causes.work),
                     relative_change(causes.elsewhere));
}

/// "12.3 us an item + 0.52 us a tile seen + 0.31 us a tile kept, R² 0.998"; a coefficient that the
/// items do not determine is left out and said so.
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

}  // namespace

Entries work_entries(const analysis::WorkProfile& profile) {
  Entries entries = {{"tiles", tiles_text(analysis::total_work(profile.records.ctas))},
                     {"balance", balance_text(profile)}};
  if (!profile.units.units.empty()) entries.emplace_back("", tail_text(profile.units));
  const auto add = [&](const char* name, const analysis::Balance& parts) {
    if (!parts.units.empty()) entries.emplace_back(name, parts_text(parts));
  };
  // A host's worker threads have no CTAs: their records name the worker again.
  if (profile.records.clock == core::ClockDomain::kGlobaltimerNs) add("CTAs", profile.ctas);
  add("warpgroups", profile.warpgroups);
  add("warps", profile.warps);
  if (profile.causes) entries.emplace_back("busiest", causes_text(*profile.causes));
  entries.emplace_back("cost", cost_text(profile.model));
  return entries;
}

}  // namespace bsfa::cli
