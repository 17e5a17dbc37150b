// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <QtCore/QString>

#include "analysis/findings.h"
#include "analysis/work_profile.h"
#include "core/work.h"
#include "gui/models/work_groups.h"
#include "traces/profile.h"

namespace bsfa::gui {

/// One line of conclusions.
struct BalanceFinding {
  bool warning = false;
  QString rule, text;
};

/// Counter of a launch, shown with its set.
struct CounterRow {
  QString set, metric;
  double value = 0.0;
};
struct StallRow {
  QString function, file, text, reason;
  std::uint32_t line = 0;
  std::uint64_t samples = 0;
  double share = 0.0;  ///< of all samples
};
/// What was asked of the profiler and what became of it: "counters: refused: ..., ...".
struct FacilityRow {
  QString name, status, detail;
  bool refused = false;
};

/// How evenly the work of one layer's launch was shared out.
struct BalanceReport {
  std::optional<analysis::WorkProfile> work;  ///< none without work records
  std::vector<BalanceFinding> findings;       ///< the profiler's own where the trace has them
  std::vector<WorkGroup> groups;              ///< work items, and what they were shared out among
  std::vector<CounterRow> counters;
  std::vector<StallRow> stalls;  ///< most samples first
  std::vector<FacilityRow> facilities;
};
BalanceReport balance_report(std::span<const core::WorkRecord> records,
                             const traces::Profile* profile = nullptr);

/// "max/mean 1.04", "idle 2.1 %", ...: figures of one level as name and value.
std::vector<std::pair<QString, QString>> balance_lines(const analysis::Balance& balance,
                                                       core::ClockDomain clock);
/// The fitted cost of a work item in words; empty where nothing is known.
QString cost_text(const analysis::CostModel& model);

}  // namespace bsfa::gui
