// SPDX-License-Identifier: Apache-2.0
#include "traces/perfetto.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <queue>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/tile_geometry.h"
#include "traces/chrome_trace.h"

namespace bsfa::traces {
namespace {

/// A work item, where it comes from and whether it is among those shown.
struct Item {
  core::WorkRecord record;
  std::int64_t layer = 0;
  const core::Problem* problem = nullptr;
  bool shown = true;
  std::uint64_t duration_ns() const { return record.end_ns - record.start_ns; }
};

struct Collected {
  std::vector<core::Problem> problems;  ///< of each sequence; never grows once items point into it
  std::vector<Item> items;              ///< that can be shown, by start
  std::int64_t all = 0, of_warps = 0, set_aside = 0;
  bool many_layers = false, many_batches = false;
};

void collect_sequence(const Sequence& sequence, std::int64_t layer, const core::Problem& problem,
                      Collected& collected) {
  if (!sequence.work) return;
  for (const core::WorkRecord& record : *sequence.work) {
    if (record.warp >= 0) {
      ++collected.of_warps;
      continue;
    }
    ++collected.all;
    if (record.clock == core::ClockDomain::kNone || record.end_ns < record.start_ns) {
      ++collected.set_aside;
      continue;
    }
    collected.items.push_back({record, layer, &problem});
  }
}

Collected collect(const TraceReader& reader) {
  Collected collected;
  std::vector<std::pair<std::int64_t, std::int64_t>> places;
  for (const std::int64_t layer : reader.layers()) {
    for (const std::int64_t sequence : reader.sequences(layer))
      places.emplace_back(layer, sequence);
  }
  collected.problems.reserve(places.size());
  for (const auto& [layer, sequence] : places) {
    const Sequence data = reader.overview(layer, sequence);
    collected.many_layers |= layer != places.front().first;
    collected.many_batches |= data.problem.batch > 1;
    collected.problems.push_back(data.problem);
    collect_sequence(data, layer, collected.problems.back(), collected);
  }
  std::stable_sort(collected.items.begin(), collected.items.end(),
                   [](const Item& a, const Item& b) {
                     return std::tie(a.record.start_ns, a.record.end_ns) <
                            std::tie(b.record.start_ns, b.record.end_ns);
                   });
  return collected;
}

/// Hides all but the longest; of equal ones the earlier are shown.
std::int64_t cap(std::vector<Item>& items, std::int64_t most) {
  const auto count = static_cast<std::int64_t>(items.size());
  if (count <= most) return 0;
  std::vector<Item*> by_length;
  by_length.reserve(items.size());
  for (Item& item : items) by_length.push_back(&item);
  std::stable_sort(by_length.begin(), by_length.end(), [](const Item* a, const Item* b) {
    return a->duration_ns() > b->duration_ns();
  });
  for (auto hidden = by_length.begin() + most; hidden != by_length.end(); ++hidden) {
    (*hidden)->shown = false;
  }
  return count - most;
}

/// Rows for items that overlap: each item, given by start, takes the first row that is free.
class Rows {
 public:
  std::size_t place(const core::WorkRecord& record) {
    while (!busy_.empty() && busy_.top().first <= record.start_ns) {
      free_.insert(busy_.top().second);
      busy_.pop();
    }
    if (free_.empty()) free_.insert(count_++);
    const std::size_t row = *free_.begin();
    free_.erase(free_.begin());
    busy_.emplace(record.end_ns, row);
    return row;
  }

 private:
  using Busy = std::pair<std::uint64_t, std::size_t>;
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy_;
  std::set<std::size_t> free_;
  std::size_t count_ = 0;
};

/// Kept over off-diagonal tiles; none where there are none, or the item did not see its whole row.
ChromeTrace::Value density_of(const Item& item) {
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
  UnitRows(ChromeTrace& trace, const Collected& collected, std::int64_t pid, const char* unit)
      : trace_(trace), collected_(collected), pid_(pid), unit_(unit) {}

  void add(const std::vector<const Item*>& items) {
    origin_ns_ = items.front()->record.start_ns;
    std::map<std::uint32_t, std::vector<const Item*>> units;
    for (const Item* item : items) units[item->record.unit].push_back(item);
    for (const auto& [unit, own] : units) add_unit(fmt::format("{} {}", unit_, unit), own);
  }

 private:
  void add_unit(const std::string& name, std::vector<const Item*> items) {
    Rows rows;
    std::vector<std::int64_t> threads;
    for (const Item* item : items) {
      if (!item->shown) continue;
      const std::size_t row = rows.place(item->record);
      if (row == threads.size()) {
        threads.push_back(
            trace_.add_thread(pid_, row == 0 ? name : fmt::format("{}, row {}", name, row + 1)));
      }
      add_item(threads[row], *item);
    }
    if (!threads.empty()) add_kept(name + " kept tiles", std::move(items));
  }

  void add_item(std::int64_t tid, const Item& item) {
    const core::WorkRecord& r = item.record;
    std::string name;
    if (collected_.many_layers) name += fmt::format("layer {}, ", item.layer);
    if (collected_.many_batches) name += fmt::format("batch {}, ", r.batch);
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
    trace_.add_complete(pid_, tid, name, "work", r.start_ns - origin_ns_, item.duration_ns(),
                        arguments);
  }

  /// The tiles kept so far, as each shown item ends.
  void add_kept(const std::string& name, std::vector<const Item*> items) {
    std::stable_sort(items.begin(), items.end(), [](const Item* a, const Item* b) {
      return a->record.end_ns < b->record.end_ns;
    });
    trace_.add_counter(pid_, name, first_start(items) - origin_ns_, {"kept", std::uint64_t{0}});
    std::uint64_t kept = 0;
    for (const Item* item : items) {
      const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - kept;
      kept += std::min(item->record.tiles_kept, room);
      if (item->shown)
        trace_.add_counter(pid_, name, item->record.end_ns - origin_ns_, {"kept", kept});
    }
  }

  static std::uint64_t first_start(const std::vector<const Item*>& items) {
    std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
    for (const Item* item : items) first = std::min(first, item->record.start_ns);
    return first;
  }

  ChromeTrace& trace_;
  const Collected& collected_;
  std::int64_t pid_;
  const char* unit_;
  std::uint64_t origin_ns_ = 0;
};

void add_clock(ChromeTrace& trace, const Collected& collected, core::ClockDomain clock,
               const std::string& label) {
  std::vector<const Item*> items;
  for (const Item& item : collected.items) {
    if (item.record.clock == clock) items.push_back(&item);
  }
  if (items.empty()) return;
  const bool device = clock == core::ClockDomain::kGlobaltimerNs;
  const std::int64_t pid = trace.add_process(device ? "SMs" : "workers", label);
  UnitRows(trace, collected, pid, device ? "SM" : "worker").add(items);
}

std::string finish(ChromeTrace& trace, const Provenance& p, const PerfettoExport& counts,
                   const Collected& collected, const std::string& label) {
  const std::string tool = fmt::format("bsfa {} ({})", p.tool_version, p.commit);
  const std::string_view shown =
      label.empty() ? std::string_view("all work items are shown") : label;
  const ChromeTrace::Entry metadata[] = {{"tool", tool},
                                         {"kernel", p.kernel},
                                         {"gpu", p.gpu},
                                         {"driver", p.driver},
                                         {"input_file", p.input_file},
                                         {"input_sha256", p.input_sha256},
                                         {"thresholds", p.thresholds},
                                         {"verdict", p.verdict},
                                         {"command_line", p.command_line},
                                         {"created_utc", p.created_utc},
                                         {"work_items", counts.items},
                                         {"work_items_shown", counts.shown},
                                         {"work_items_capped", counts.capped},
                                         {"work_items_set_aside", counts.set_aside},
                                         {"warp_records_not_shown", collected.of_warps},
                                         {"cap", shown}};
  return trace.finish(metadata);
}

}  // namespace

PerfettoExport export_perfetto(const TraceReader& reader, std::int64_t max_events) {
  Collected collected = collect(reader);
  PerfettoExport result;
  result.items = collected.all;
  result.set_aside = collected.set_aside;
  result.capped = cap(collected.items, max_events);
  result.shown = static_cast<std::int64_t>(collected.items.size()) - result.capped;
  const std::string label = result.capped == 0 ? ""
                                               : fmt::format("the longest {} of {} work items",
                                                             result.shown, result.items);
  ChromeTrace trace;
  add_clock(trace, collected, core::ClockDomain::kGlobaltimerNs, label);
  add_clock(trace, collected, core::ClockDomain::kMonotonicNs, label);
  result.json = finish(trace, reader.provenance(), result, collected, label);
  return result;
}

}  // namespace bsfa::traces
