// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/figures_text.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "cli/profile/headline.h"
#include "cli/support/format.h"
#include "cli/support/table.h"

namespace bsfa::cli {
namespace {

std::string milliseconds(double ns) {
  return fmt::format("{:.4g}", 1e-6 * ns);
}

/// A counter is what the device, or a file, says it is: any number.
std::string bytes_text(double count) {
  const bool counts = count >= 0.0 && count < 0x1p63;
  return counts ? bytes(static_cast<std::uint64_t>(count)) : figure(count) + " bytes";
}

std::string added_text(const VariantTime& row) {
  if (!row.added) return "";
  const bool within = row.added->share <= *row.limit;
  return fmt::format("{} (limit {:.0f} %{})", relative_change(row.added->share), 100.0 * *row.limit,
                     within ? "" : ", exceeded");
}

void add_bound(Entries& entries, const Conclusions& c) {
  if (!c.bound || !c.bound->bound) return;
  std::string text = fmt::format("{:.3f}x over dense by tile products alone", *c.bound->bound);
  if (c.bound->predicted) text += fmt::format(", by the cost model {:.3f}x", *c.bound->predicted);
  if (c.bound->measured) {
    text += fmt::format(", measured {:.3f}x, {} of the first", *c.bound->measured,
                        percent(c.bound->reached, 1));
  }
  entries.emplace_back("skipping", text);
}

void add_ceiling(Entries& entries, const Conclusions& c, std::optional<double> tflops) {
  if (!c.ceiling || !tflops) return;
  entries.emplace_back("ceiling", fmt::format("{} TFLOP/s issued, {} of {:g}; dense-equivalent {}",
                                              figure(1e-12 * c.ceiling->issued_rate),
                                              percent(c.ceiling->share_of_ceiling, 1), *tflops,
                                              figure(1e-12 * c.ceiling->dense_equivalent_rate)));
}

void add_counters(Entries& entries, const Collection& collection) {
  const traces::Profile& profile = collection.profile;
  if (profile.counters.empty()) return;
  std::string text = std::to_string(profile.counters.size());
  if (collection.counter_passes > 0)
    text += fmt::format(" in {} passes", collection.counter_passes);
  entries.emplace_back("counters", std::move(text));
  auto headline =
      headline_counters([&](std::string_view metric) { return counted(profile, metric); });
  if (!headline.empty()) entries.emplace_back("", std::move(headline));
}

void add_tensor(Entries& entries, const Conclusions& c) {
  if (!c.tensor) return;
  const analysis::TensorCheck& t = *c.tensor;
  const auto counted_count = quantity(static_cast<double>(t.counted));
  entries.emplace_back(
      "tensor", t.equal ? counted_count + " instructions counted, as the work records predict"
                        : fmt::format("{} instructions counted, {} predicted", counted_count,
                                      t.predicted ? quantity(static_cast<double>(*t.predicted))
                                                  : "more than 64 bits"));
  entries.emplace_back(
      "", fmt::format("{} beyond the mask's need (QK {}, PV {})", relative_change(t.beyond),
                      relative_change(t.qk_beyond), relative_change(t.pv_beyond)));
}

void add_traffic(Entries& entries, const Conclusions& c) {
  for (const Traffic& t : c.traffic) {
    std::string text = bytes_text(t.bytes);
    if (t.rate) text += fmt::format(", {} GB/s", figure(1e-9 * *t.rate));
    if (t.peak_rate) {
      text += fmt::format(" ({} of {} GB/s)", percent(*t.rate / *t.peak_rate, 1),
                          figure(1e-9 * *t.peak_rate));
    }
    if (t.intensity) text += fmt::format(", {} FLOP/byte", figure(*t.intensity));
    if (t.roofline) {
      text += fmt::format(", ridge {}: {} bound, {} of the roofline", figure(t.roofline->ridge),
                          t.roofline->memory_bound ? "memory" : "compute",
                          percent(t.roofline->share, 1));
    }
    entries.emplace_back(t.place, text);
  }
  if (!c.values) return;
  const analysis::ValueTraffic& v = *c.values;
  entries.emplace_back(
      "V", fmt::format("{} GiB read where the mask needs {} and dense attention {}; spared {}",
                       figure(v.seen_bytes / 0x1p30), figure(v.expected_bytes / 0x1p30),
                       figure(v.dense_bytes / 0x1p30), percent(v.spared, 1)));
}

void add_loads(Entries& entries, const Collection& collection) {
  if (!collection.loads) return;
  const analysis::LoadComparison& loads = *collection.loads;
  const auto side = [](const analysis::LoadComparison::Side& s) {
    return fmt::format("{} ms, max/mean {}, idle {}, tiles an item vary by {}",
                       milliseconds(s.span_ns),
                       s.max_over_mean ? fmt::format("{:.3f}", *s.max_over_mean) : "-",
                       percent(s.idle_share, 1), percent(s.kept_variation, 1));
  };
  entries.emplace_back(fmt::format("fixed k {}", collection.loads_k), side(loads.first));
  entries.emplace_back("one threshold", side(loads.second));
  if (!collection.load_times || !collection.load_times->added) return;
  const LoadTimes& times = *collection.load_times;
  entries.emplace_back(
      "", fmt::format(
              "launches of {} and {} ms, the second {:.3f} ± {:.2g} of the first in {} rounds",
              milliseconds(times.fixed_k_ns.median), milliseconds(times.one_threshold_ns.median),
              1.0 + times.added->share, times.added->deviation, times.rounds));
}

}  // namespace

Entries figure_entries(const Collection& collection, const Conclusions& c,
                       std::optional<double> ceiling_tflops) {
  Entries entries;
  if (c.work) entries = work_entries(*c.work);
  add_bound(entries, c);
  add_ceiling(entries, c, ceiling_tflops);
  add_counters(entries, collection);
  add_tensor(entries, c);
  add_traffic(entries, c);
  add_loads(entries, collection);
  return entries;
}

std::string times_table(const Conclusions& c, const std::string& indent) {
  if (c.times.empty()) return "";
  Table table({"launch", "median\nms", "MAD\nms", "rounds", "adds"});
  table.align_left(0);
  table.align_left(4);
  for (const VariantTime& row : c.times) {
    table.add({row.variant, milliseconds(row.summary_ns.median),
               fmt::format("{:.2g}", 1e-6 * row.summary_ns.mad), std::to_string(row.rounds),
               added_text(row)});
  }
  return "\n" + table.text(indent);
}

}  // namespace bsfa::cli
