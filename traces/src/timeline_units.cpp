// SPDX-License-Identifier: Apache-2.0
#include "traces/src/timeline_units.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/tile_geometry.h"
#include "traces/src/timeline_rows.h"

namespace bsfa::traces {
namespace {

/// Kept over off-diagonal tiles; none where there are none, or the item did not see its whole row.
ChromeTrace::Value density_of(const TimelineItem& item) {
  const core::TileGeometry geometry(*item.problem);
  const core::WorkRecord& r = item.record;
  if (r.q_block < 0 || r.q_block >= geometry.q_blocks()) return nullptr;
  const auto diagonal = static_cast<std::uint64_t>(geometry.diagonal_k_blocks(r.q_block).size());
  const auto seen = static_cast<std::uint64_t>(geometry.visible_k_blocks(r.q_block));
  if (r.tiles_seen != seen || r.tiles_kept < diagonal || r.tiles_kept > seen) return nullptr;
  if (seen == diagonal) return nullptr;
  return static_cast<double>(r.tiles_kept - diagonal) / static_cast<double>(seen - diagonal);
}

/// One process: the units that one clock timed.
class UnitRows {
 public:
  UnitRows(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
           std::int64_t pid, const char* unit)
      : trace_(trace), content_(content), base_(base), pid_(pid), unit_(unit) {}

  void add(const std::vector<const TimelineItem*>& items) {
    std::map<std::uint32_t, std::vector<const TimelineItem*>> units;
    for (const TimelineItem* item : items) units[item->record.unit].push_back(item);
    for (const auto& [unit, own] : units) add_unit(fmt::format("{} {}", unit_, unit), own);
  }

 private:
  void add_unit(const std::string& name, std::vector<const TimelineItem*> items) {
    SeparateRows rows;
    std::vector<std::int64_t> threads;
    for (const TimelineItem* item : items) {
      if (!item->shown) continue;
      const std::size_t row = rows.place(item->record.start_ns, item->record.end_ns);
      if (row == threads.size()) {
        threads.push_back(
            trace_.add_thread(pid_, row == 0 ? name : fmt::format("{}, row {}", name, row + 1)));
      }
      add_item(threads[row], *item);
    }
    if (!threads.empty()) add_kept(name + " kept tiles", std::move(items));
  }

  void add_item(std::int64_t tid, const TimelineItem& item) {
    const core::WorkRecord& r = item.record;
    std::string name;
    if (content_.many_layers) name += fmt::format("layer {}, ", item.layer);
    if (content_.many_batches) name += fmt::format("batch {}, ", r.batch);
    name += fmt::format("head {}, Q block {}", r.head, r.q_block);
    const auto integer = [](std::int64_t value) { return ChromeTrace::Value(value); };
    const ChromeTrace::Entry arguments[] = {{"layer", item.layer},
                                            {"batch", integer(r.batch)},
                                            {"head", integer(r.head)},
                                            {"q_block", integer(r.q_block)},
                                            {"k_block_begin", integer(r.k_block_begin)},
                                            {"k_block_end", integer(r.k_block_end)},
                                            {"pass", integer(r.pass)},
                                            {"cta", integer(r.cta)},
                                            {"seen", r.tiles_seen},
                                            {"kept", r.tiles_kept},
                                            {"density", density_of(item)},
                                            {"qk_products", r.qk_products},
                                            {"pv_products", r.pv_products}};
    trace_.add_complete(pid_, tid, name, "work", base_.of_item(r.clock, r.start_ns),
                        item.duration_ns(), arguments);
  }

  /// The tiles kept so far, as each shown item ends.
  void add_kept(const std::string& name, std::vector<const TimelineItem*> items) {
    std::stable_sort(items.begin(), items.end(), [](const TimelineItem* a, const TimelineItem* b) {
      return a->record.end_ns < b->record.end_ns;
    });
    trace_.add_counter(pid_, name, base_.of_item(items.front()->record.clock, first_start(items)),
                       {"kept", std::uint64_t{0}});
    std::uint64_t kept = 0;
    for (const TimelineItem* item : items) {
      const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - kept;
      kept += std::min(item->record.tiles_kept, room);
      if (item->shown)
        trace_.add_counter(pid_, name, base_.of_item(item->record.clock, item->record.end_ns),
                           {"kept", kept});
    }
  }

  static std::uint64_t first_start(const std::vector<const TimelineItem*>& items) {
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
    for (const TimelineItem* item : items) first = std::min(first, item->record.start_ns);
    return first;
  }

  ChromeTrace& trace_;
  const TimelineContent& content_;
  const TimeBase& base_;
  std::int64_t pid_;
  const char* unit_;
};

void add_clock(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
               core::ClockDomain clock, const std::string& label) {
  std::vector<const TimelineItem*> items;
  for (const TimelineItem& item : content.items) {
    if (item.record.clock == clock) items.push_back(&item);
  }
  if (items.empty()) return;
  const bool device = clock == core::ClockDomain::kGlobaltimerNs;
  const std::int64_t pid = trace.add_process(device ? "SMs" : "workers", label);
  UnitRows(trace, content, base, pid, device ? "SM" : "worker").add(items);
}

}  // namespace

void add_units(ChromeTrace& trace, const TimelineContent& content, const TimeBase& base,
               const std::string& label) {
  add_clock(trace, content, base, core::ClockDomain::kGlobaltimerNs, label);
  add_clock(trace, content, base, core::ClockDomain::kMonotonicNs, label);
}

}  // namespace bsfa::traces
