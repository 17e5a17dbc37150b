// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/kernel_table.h"

#include <algorithm>
#include <numeric>

#include "profiler/host/demangle.h"

namespace bsfa::profiler {
namespace {

/// The lower of the middle two where their number is even: one that was measured.
std::uint64_t median_of(std::vector<std::uint64_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void KernelTable::add(const char* name, const LaunchShape& shape, std::uint64_t start_ns,
                      std::uint64_t end_ns, std::uint32_t device, std::uint32_t stream) {
  const std::string& text = demangled_once(name);
  const auto next = static_cast<std::uint32_t>(rows_.size());
  const auto [entry, is_new] = index_.try_emplace({text, shape}, next);
  if (is_new) {
    Row row;
    row.kernel.name = text;
    row.kernel.attention_like = is_attention_like(text);
    row.kernel.shape = shape;
    rows_.push_back(std::move(row));
  }
  Row& row = rows_[entry->second];
  const std::uint64_t duration_ns = end_ns - start_ns;
  row.kernel.least_ns =
      row.kernel.launches == 0 ? duration_ns : std::min(row.kernel.least_ns, duration_ns);
  row.kernel.most_ns = std::max(row.kernel.most_ns, duration_ns);
  row.kernel.total_ns += duration_ns;
  ++row.kernel.launches;
  if (row.durations_ns.size() < kMostDurations) row.durations_ns.push_back(duration_ns);
  if (!row.kernel.attention_like) return;
  if (timeline_.size() < kMostLaunches) {
    timeline_.push_back({entry->second, start_ns, end_ns, device, stream});
  } else {
    ++omitted_;
  }
}

const std::string& KernelTable::demangled_once(const char* name) {
  const auto [entry, is_new] = names_.try_emplace(name != nullptr ? name : "");
  if (is_new) entry->second = demangled(name);
  return entry->second;
}

void KernelTable::write_to(InjectionReport& report) const {
  std::vector<std::uint32_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rows_[a].kernel.total_ns > rows_[b].kernel.total_ns;
  });
  std::vector<std::uint32_t> place(rows_.size());
  report.kernels.clear();
  for (const std::uint32_t row : order) {
    place[row] = static_cast<std::uint32_t>(report.kernels.size());
    report.kernels.push_back(rows_[row].kernel);
    report.kernels.back().median_ns = median_of(rows_[row].durations_ns);
  }
  report.timeline = timeline_;
  for (InjectedLaunch& launch : report.timeline) launch.kernel = place[launch.kernel];
  std::stable_sort(report.timeline.begin(), report.timeline.end(),
                   [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
  report.timeline_omitted = omitted_;
}

}  // namespace bsfa::profiler
