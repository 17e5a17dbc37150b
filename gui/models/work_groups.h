// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <QtCore/QString>

#include "analysis/work_profile.h"

namespace bsfa::gui {

/// Among what work is shared out. On a CPU a unit is a worker, which is a thread.
enum class WorkLevel : std::uint8_t { kItem, kUnit, kCta, kWarpgroup, kWarp };
enum class WorkQuantity : std::uint8_t { kTime, kKept, kSeen, kItems };
inline constexpr WorkQuantity kWorkQuantities[] = {WorkQuantity::kTime, WorkQuantity::kKept,
                                                   WorkQuantity::kSeen, WorkQuantity::kItems};
QString name_of(WorkQuantity quantity);
/// "µs", "tiles", "items".
QString unit_of(WorkQuantity quantity);

/// A work item to go to; its time counts from the launch's first start.
struct WorkPlace {
  std::int64_t batch = 0, head = 0, q_block = 0, unit = 0;
  double time_ns = 0.0;
};

/// One item, SM, worker, CTA, warpgroup or warp.
struct WorkMember {
  std::uint32_t id = 0;    ///< SM, worker or CTA; the number of an item
  std::int32_t part = -1;  ///< warpgroup or warp of its CTA
  double time_us = 0.0;    ///< of an item; else how long it was busy
  double kept = 0.0, seen = 0.0, items = 1.0;
  WorkPlace longest;  ///< of its items
};
struct WorkGroup {
  WorkLevel level = WorkLevel::kItem;
  QString name;  ///< "SM", "worker thread", "CTA"
  std::vector<WorkMember> members;
};
/// The levels that the records of a launch speak of, items first.
std::vector<WorkGroup> work_groups(const analysis::WorkProfile& work);

double value_of(const WorkMember& member, WorkQuantity quantity);
/// "SM 17", "CTA 3, warp 2", "head 1, Q block 40".
QString name_of(const WorkGroup& group, const WorkMember& member);

/// How many of something lie between two values.
struct BarHistogram {
  QString title;                  ///< "time per work item"
  QString unit;                   ///< "µs", "tiles"
  double low = 0.0, width = 0.0;  ///< of the first bar; bar i starts at low + i·width
  std::vector<std::int64_t> counts;
  std::int64_t total() const;
  /// -1: a value of no bar.
  int bar_of(double value) const;
};
/// Bars of equal width between the least and the greatest finite value; one bar where they are
/// equal; none without values. Bars of whole numbers hold as many of them each.
BarHistogram bar_histogram(const QString& title, const QString& unit,
                           std::span<const double> values, std::size_t bars = 40,
                           bool whole = false);
/// Of a group and, over the same bars, of another one that may have no members.
std::pair<BarHistogram, BarHistogram> histograms_of(const WorkGroup& group, const WorkGroup& other,
                                                    WorkQuantity quantity);
/// Members of one bar, the largest first.
std::vector<std::size_t> members_in(const WorkGroup& group, WorkQuantity quantity,
                                    const BarHistogram& bars, int bar);

}  // namespace bsfa::gui
