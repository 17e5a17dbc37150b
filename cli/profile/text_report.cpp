// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/profile/headline.h"
#include "cli/profile/report.h"
#include "cli/support/format.h"
#include "cli/support/table.h"
#include "cli/trace/profile_tables.h"
#include "cli/trace/work_text.h"

namespace bsfa::cli {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

std::string milliseconds(double ns) {
  return fmt::format("{:.4g}", 1e-6 * ns);
}

std::string whole(double value) {
  return count(std::llround(value));
}

std::string head_text(const ProfileReport& r) {
  const auto& kernel = r.subject.kernel();
  const auto& tile = r.collection.profile.compute_tile;
  std::string name = kernel.name();
  if (kernel.library->origin() != "built-in") name += " (" + kernel.library->origin() + ")";
  if (tile.q_block > 0) name += ", products of " + describe(tile) + " tiles";
  Entries entries = {{"input", r.subject.source().name},
                     {"problem", describe(r.subject.problem())},
                     {"thresholds", r.subject.thresholds().source},
                     {"kernel", name}};
  if (!r.gpu.empty()) {
    entries.emplace_back("GPU", fmt::format("{}, driver {}, {} SMs", r.gpu, r.driver,
                                            r.collection.profile.multiprocessors));
  }
  if (r.check != nullptr) {
    entries.emplace_back(
        "verdict",
        fmt::format("{}, {} of {} Q blocks compared", analysis::name_of(r.check->verdict.outcome),
                    count(r.check->sampling.checked), count(r.check->sampling.of)));
  }
  return fields(entries, "");
}

/// What a facility cost, or who refused it and what to do.
std::string facilities_text(const ProfileReport& r) {
  std::string refusals = refusals_text(r.collection.profile, "");
  if (!r.collection.unknown_metrics.empty()) {
    refusals += fmt::format("not among this GPU's metrics: {}\n",
                            fmt::join(r.collection.unknown_metrics, ", "));
  }
  return facilities_table(r.collection.profile, "") + (refusals.empty() ? "" : "\n" + refusals);
}

std::string added_text(const VariantTime& row) {
  if (!row.added) return "";
  const bool within = row.added->share <= *row.limit;
  return fmt::format("{} (limit {:.0f} %{})", relative_change(row.added->share), 100.0 * *row.limit,
                     within ? "" : ", exceeded");
}

std::string times_text(const ProfileReport& r) {
  if (r.conclusions.times.empty()) return "";
  Table table({"launch", "median\nms", "MAD\nms", "rounds", "adds"});
  table.align_left(0);
  table.align_left(4);
  for (const VariantTime& row : r.conclusions.times) {
    table.add({row.variant, milliseconds(row.summary_ns.median),
               fmt::format("{:.2g}", 1e-6 * row.summary_ns.mad), std::to_string(row.rounds),
               added_text(row)});
  }
  return "\n" + table.text("");
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

void add_work(Entries& entries, const Conclusions& c) {
  if (!c.work) return;
  const analysis::WorkProfile& work = *c.work;
  entries.emplace_back(
      "tiles",
      fmt::format("{} seen, {} kept ({}) by {} items", whole(c.totals.seen), whole(c.totals.kept),
                  percent(c.totals.kept / c.totals.seen), whole(c.totals.items)));
  entries.emplace_back("balance", balance_text(work));
  if (!work.units.units.empty()) entries.emplace_back("", tail_text(work.units));
  if (!work.warps.units.empty() && work.warps.within_cta) {
    entries.emplace_back(
        "warps", fmt::format("busiest of a CTA over its mean {:.3f}", *work.warps.within_cta));
  }
  if (work.causes) {
    entries.emplace_back(
        "busiest",
        fmt::format("{} over the mean: {} from its items and tiles, {} from elsewhere",
                    relative_change(work.causes->excess), relative_change(work.causes->work),
                    relative_change(work.causes->elsewhere)));
  }
  entries.emplace_back("cost", cost_text(work.model));
}

void add_bound(Entries& entries, const ProfileReport& r) {
  const Conclusions& c = r.conclusions;
  if (c.bound && c.bound->bound) {
    std::string text = fmt::format("{:.3f}x over dense by tile products alone", *c.bound->bound);
    if (c.bound->predicted) text += fmt::format(", by the cost model {:.3f}x", *c.bound->predicted);
    if (c.bound->measured) {
      text += fmt::format(", measured {:.3f}x, {} of the first", *c.bound->measured,
                          percent(c.bound->reached, 1));
    }
    entries.emplace_back("skipping", text);
  }
  if (c.ceiling) {
    entries.emplace_back(
        "ceiling",
        fmt::format("{} TFLOP/s issued, {} of {:g}; dense-equivalent {}",
                    figure(1e-12 * c.ceiling->issued_rate), percent(c.ceiling->share_of_ceiling, 1),
                    *r.subject.options().ceiling_tflops,
                    figure(1e-12 * c.ceiling->dense_equivalent_rate)));
  }
}

void add_counters(Entries& entries, const Collection& collection) {
  const traces::Profile& profile = collection.profile;
  if (profile.counters.empty()) return;
  entries.emplace_back("counters", fmt::format("{} in {} passes", profile.counters.size(),
                                               collection.counter_passes));
  auto headline =
      headline_counters([&](std::string_view metric) { return counted(profile, metric); });
  if (!headline.empty()) entries.emplace_back("", std::move(headline));
}

void add_tensor(Entries& entries, const Conclusions& c) {
  if (!c.tensor) return;
  const analysis::TensorCheck& t = *c.tensor;
  const auto counted_count = count(static_cast<std::int64_t>(t.counted));
  entries.emplace_back(
      "tensor", t.equal ? counted_count + " instructions counted, as the work records predict"
                        : fmt::format("{} instructions counted, {} predicted", counted_count,
                                      t.predicted ? count(static_cast<std::int64_t>(*t.predicted))
                                                  : "more than 64 bits"));
  entries.emplace_back(
      "", fmt::format("{} beyond the mask's need (QK {}, PV {})", relative_change(t.beyond),
                      relative_change(t.qk_beyond), relative_change(t.pv_beyond)));
}

void add_traffic(Entries& entries, const Conclusions& c) {
  for (const Traffic& t : c.traffic) {
    std::string text = bytes(static_cast<std::uint64_t>(t.bytes));
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
}

std::string findings_text(const Conclusions& c) {
  if (!c.work) return "\nfindings: none can be drawn without work records\n";
  if (c.findings.empty()) return "\nfindings: none\n";
  std::string text = "\nfindings\n";
  for (const auto& finding : c.findings) {
    text += fmt::format("  {}  {}: {}\n", analysis::name_of(finding.severity), finding.rule,
                        finding.text);
  }
  return text;
}

}  // namespace

std::string profile_text(const ProfileReport& r) {
  const Conclusions& c = r.conclusions;
  Entries entries;
  add_work(entries, c);
  add_bound(entries, r);
  add_counters(entries, r.collection);
  add_tensor(entries, c);
  add_traffic(entries, c);
  add_loads(entries, r.collection);
  std::string text = head_text(r) + "\n" + facilities_text(r) + times_text(r);
  if (!entries.empty()) text += "\n" + fields(entries, "");
  return text + samples_table(r.collection.profile, "") + stalls_table(r.collection.profile, "") +
         findings_text(c);
}

}  // namespace bsfa::cli
