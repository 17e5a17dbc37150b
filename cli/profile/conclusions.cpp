// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/conclusions.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace bsfa::cli {
namespace {

constexpr const char* kTensorInstructions = "sm__inst_executed_pipe_tensor_op_hmma.sum";
constexpr const char* kDuration = "gpu__time_duration.sum";
constexpr double kNsPerSecond = 1e9;
constexpr double kFlopsPerTflop = 1e12;
constexpr double kSectorBytes = 32.0;
/// A double holds every whole number up to here, so that equality means something.
constexpr double kExactCounts = 0x1p53;

/// The first of several metrics that was counted: sets of metrics differ in which they name.
std::optional<double> first_of(const traces::Profile& profile,
                               std::initializer_list<std::string_view> metrics) {
  for (const std::string_view metric : metrics) {
    if (const auto value = counted(profile, metric)) return value;
  }
  return std::nullopt;
}

std::optional<double> sum_of(const traces::Profile& profile, std::string_view a,
                             std::string_view b) {
  const auto first = counted(profile, a), second = counted(profile, b);
  if (!first || !second) return std::nullopt;
  return *first + *second;
}

const traces::LaunchTimes* times_of(const traces::Profile& profile, std::string_view variant) {
  const auto at = std::find_if(profile.times.begin(), profile.times.end(),
                               [&](const auto& times) { return times.variant == variant; });
  return at == profile.times.end() ? nullptr : &*at;
}

std::optional<double> limit_of(const std::string& variant) {
  if (variant == "work") return analysis::kWorkLevelLimit;
  if (variant == "warps") return analysis::kWarpsLevelLimit;
  return std::nullopt;
}

std::vector<VariantTime> variant_times(const traces::Profile& profile) {
  std::vector<VariantTime> rows;
  const auto* base = times_of(profile, "none");
  for (const auto& times : profile.times) {
    VariantTime row{times.variant, analysis::summarize(times.times_ns), times.times_ns.size(),
                    std::nullopt, limit_of(times.variant)};
    if (row.limit && base != nullptr) {
      row.added = analysis::added_cost(base->times_ns, times.times_ns);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<double> median_ns(const traces::Profile& profile, std::string_view variant) {
  const auto* times = times_of(profile, variant);
  if (times == nullptr || times->times_ns.empty()) return std::nullopt;
  return analysis::summarize(times->times_ns).median;
}

/// Whether a facility lost some of what it was to collect.
bool lost_some(const traces::Profile& profile, std::string_view facility) {
  return std::any_of(profile.facilities.begin(), profile.facilities.end(),
                     [&](const auto& f) { return f.name == facility && f.dropped > 0; });
}

std::optional<analysis::TensorCheck> tensor_check(const core::Problem& problem,
                                                  const Collection& c) {
  // Records that are not all there predict too little, and would accuse the mask.
  if (lost_some(c.profile, "work")) return std::nullopt;
  const auto instructions = counted(c.profile, kTensorInstructions);
  if (!instructions || *instructions < 0.0 || *instructions > kExactCounts || c.records.empty()) {
    return std::nullopt;
  }
  const analysis::TensorCost cost{c.profile.tensor_per_qk, c.profile.tensor_per_pv,
                                  c.profile.compute_tile};
  return analysis::check_tensor_count(c.records, cost, problem.gate,
                                      static_cast<std::uint64_t>(*instructions));
}

struct TrafficCounts {
  const char* place;
  std::optional<double> bytes, percent_of_peak;
};

Traffic traffic_of(const TrafficCounts& counts, double flops, std::optional<double> time_ns,
                   std::optional<double> ceiling) {
  Traffic traffic;
  traffic.place = counts.place;
  traffic.bytes = *counts.bytes;
  if (flops > 0.0 && traffic.bytes > 0.0) traffic.intensity = flops / traffic.bytes;
  if (!time_ns || !(*time_ns > 0.0)) return traffic;
  traffic.rate = traffic.bytes / *time_ns * kNsPerSecond;
  if (counts.percent_of_peak && *counts.percent_of_peak > 0.0) {
    traffic.peak_rate = *traffic.rate * 100.0 / *counts.percent_of_peak;
  }
  if (ceiling && traffic.peak_rate) {
    traffic.roofline =
        analysis::roofline(flops, traffic.bytes, *time_ns, {*ceiling, *traffic.peak_rate});
  }
  return traffic;
}

void conclude_traffic(Conclusions& conclusions, const core::Problem& problem, const Collection& c,
                      std::optional<double> ceiling) {
  const traces::Profile& p = c.profile;
  TrafficCounts dram{"DRAM", counted(p, "dram__bytes.sum"),
                     first_of(p, {"dram__bytes.sum.pct_of_peak_sustained_elapsed",
                                  "dram__throughput.avg.pct_of_peak_sustained_elapsed"})};
  if (!dram.bytes) dram.bytes = sum_of(p, "dram__bytes_read.sum", "dram__bytes_write.sum");
  const TrafficCounts l2{"L2", counted(p, "lts__t_bytes.sum"),
                         first_of(p, {"lts__t_bytes.sum.pct_of_peak_sustained_elapsed",
                                      "lts__throughput.avg.pct_of_peak_sustained_elapsed"})};
  const double flops = analysis::issued_flops(problem, p.compute_tile, conclusions.totals);
  const auto time_ns = conclusions.counted_ns ? conclusions.counted_ns : conclusions.time_ns;
  for (const auto& counts : {dram, l2}) {
    if (counts.bytes) conclusions.traffic.push_back(traffic_of(counts, flops, time_ns, ceiling));
  }
  auto read = counted(p, "l1tex__m_xbar2l1tex_read_bytes.sum");
  if (!read) {
    if (const auto sectors = counted(p, "lts__t_sectors_srcunit_tex_op_read.sum")) {
      read = *sectors * kSectorBytes;
    }
  }
  if (read && conclusions.totals.seen > 0.0) {
    conclusions.values =
        analysis::value_traffic(analysis::expected_traffic(problem, conclusions.totals), *read);
  }
}

/// SMs without work are worth knowing; which of its threads a host kernel uses is the scheduler's.
std::optional<std::int64_t> expected_units(const Collection& c) {
  const bool on_device = c.records.front().clock == core::ClockDomain::kGlobaltimerNs;
  if (!on_device || c.profile.multiprocessors <= 0) return std::nullopt;
  return c.profile.multiprocessors;
}

/// Of a launch's records: balance, cost model, bound, ceiling.
void conclude_work(Conclusions& conclusions, const core::Problem& problem, const Collection& c,
                   std::optional<double> ceiling) {
  conclusions.work = analysis::profile_work(c.records, expected_units(c));
  conclusions.totals = analysis::total_work(conclusions.work->records.ctas);
  const double span_ns = conclusions.work->units.span_ns;
  const double time_ns = conclusions.time_ns.value_or(span_ns);
  conclusions.bound = analysis::distance_to_bound(conclusions.work->model, conclusions.totals,
                                                  time_ns, median_ns(c.profile, "dense"));
  if (ceiling) {
    conclusions.ceiling = analysis::distance_to_ceiling(problem, c.profile.compute_tile,
                                                        conclusions.totals, time_ns, *ceiling);
  }
}

}  // namespace

std::optional<double> counted(const traces::Profile& profile, std::string_view metric) {
  const auto at =
      std::find_if(profile.counters.begin(), profile.counters.end(),
                   [&](const traces::Counter& counter) { return counter.metric == metric; });
  if (at == profile.counters.end() || !std::isfinite(at->value)) return std::nullopt;
  return at->value;
}

Conclusions conclude(const core::Problem& problem, const Collection& c,
                     std::optional<double> ceiling_tflops) {
  Conclusions conclusions;
  std::optional<double> ceiling;
  if (ceiling_tflops) ceiling = *ceiling_tflops * kFlopsPerTflop;
  conclusions.times = variant_times(c.profile);
  conclusions.time_ns = median_ns(c.profile, "none");
  conclusions.counted_ns = counted(c.profile, kDuration);
  if (!c.records.empty()) conclude_work(conclusions, problem, c, ceiling);
  conclude_traffic(conclusions, problem, c, ceiling);
  conclusions.tensor = tensor_check(problem, c);
  if (conclusions.work) {
    conclusions.findings = analysis::findings_of(*conclusions.work, conclusions.tensor);
  }
  return conclusions;
}

}  // namespace bsfa::cli
