// SPDX-License-Identifier: Apache-2.0
#include "analysis/findings.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "analysis/finding_rules.h"

namespace bsfa::analysis {

std::string_view name_of(FindingSeverity severity) noexcept {
  return severity == FindingSeverity::kWarning ? "warning" : "note";
}

std::string name_of_unit(const WorkProfile& profile, const UnitLoad& unit) {
  return fmt::format("{} {}", unit_name(profile.records.clock), unit.id);
}

std::string units_of(const WorkProfile& profile) {
  return fmt::format("{}s", unit_name(profile.records.clock));
}

std::string share_text(double share) {
  const double percent = 100.0 * share;
  if (std::abs(percent) < 0.05) return "0 %";
  return fmt::format("{:.{}f} %", percent, std::abs(percent) < 9.95 ? 1 : 0);
}

std::string counted(std::size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string time_text(double ns) {
  if (std::abs(ns) >= 1e9) return fmt::format("{:.3g} s", ns * 1e-9);
  if (std::abs(ns) >= 1e6) return fmt::format("{:.3g} ms", ns * 1e-6);
  return fmt::format("{:.3g} us", ns * 1e-3);
}

std::vector<Finding> findings_of(const WorkProfile& profile,
                                 const std::optional<TensorCheck>& tensor) {
  std::vector<Finding> findings;
  const auto add = [&](std::optional<Finding> finding) {
    if (finding) findings.push_back(*std::move(finding));
  };
  for (const auto rule : {late_unit, ragged_end, busy_unit, slow_unit, idle_units, absent_units,
                          heavy_head, outlying_items, poor_fit, unequal_warps, unsound_records}) {
    add(rule(profile));
  }
  if (tensor) {
    add(tensor_count(*tensor));
    add(beyond_need(*tensor));
  }
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return a.severity != b.severity ? a.severity < b.severity : a.size > b.size;
  });
  return findings;
}

}  // namespace bsfa::analysis
