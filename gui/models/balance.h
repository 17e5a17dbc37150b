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
#include "traces/profile.h"

namespace bsfa::gui {

/// How many of something lie between two values.
struct BarHistogram {
  QString title;                  ///< "time of a work item"
  QString unit;                   ///< "µs", "tiles"
  double low = 0.0, width = 0.0;  ///< of the first bar; bar i starts at low + i·width
  std::vector<std::int64_t> counts;
  std::int64_t total() const;
};
/// Bars of equal width between the least and the greatest finite value; one bar where they are
/// equal; none without values.
BarHistogram bar_histogram(const QString& title, const QString& unit,
                           std::span<const double> values, std::size_t bars = 40);

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
  BarHistogram item_time, item_kept;          ///< over work items
  BarHistogram unit_time, unit_kept;          ///< busy time and tiles over SMs or workers
  BarHistogram cta_time, warp_time;           ///< busy time over CTAs and over warps
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
