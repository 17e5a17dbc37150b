// SPDX-License-Identifier: Apache-2.0
#include "traces/src/time_base.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace bsfa::traces {
namespace {

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kLast = std::numeric_limits<std::uint64_t>::max();
  return b > kLast - a ? kLast : a + b;
}
std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : b - a;
}

/// First start of a layer's work items; those by the device's clock count first.
const core::WorkRecord* first_item(const TimelineContent& content, std::int64_t layer) {
  const core::WorkRecord* first = nullptr;
  for (const TimelineItem& item : content.items) {  // by start
    if (item.layer != layer) continue;
    if (item.record.clock == core::ClockDomain::kGlobaltimerNs) return &item.record;
    if (first == nullptr) first = &item.record;
  }
  return first;
}

/// The name whose kernels took longest in all, which is that of the kernel that was profiled.
std::string busiest_kernel(const std::vector<Span>& spans) {
  std::map<std::string, double> total;
  for (const Span& span : spans) {
    if (span.kind != SpanKind::kKernel || span.end_ns < span.start_ns) continue;
    total[span.name] += static_cast<double>(span.end_ns - span.start_ns);
  }
  if (total.empty()) return {};
  return std::max_element(total.begin(), total.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

/// The launch of that name nearest to `near_ns`, or the last; nullptr where there is none.
const Span* launch_among(const std::vector<Span>& spans, const std::string& name,
                         std::optional<std::uint64_t> near_ns) {
  const Span* chosen = nullptr;
  for (const Span& span : spans) {
    if (span.kind != SpanKind::kKernel || span.name != name || span.end_ns < span.start_ns)
      continue;
    if (chosen == nullptr || !near_ns ||
        distance(span.start_ns, *near_ns) < distance(chosen->start_ns, *near_ns)) {
      chosen = &span;
    }
  }
  return chosen;
}

}  // namespace

TimeBase::TimeBase(const TimelineContent& content) {
  find_origins(content);
  for (const LayerProfile& of : content.profiles) add_launch(content, of);
  if (content.items.empty()) spread_launches();
  find_lead(content);
}

void TimeBase::find_origins(const TimelineContent& content) {
  for (const TimelineItem& item : content.items) {
    origins_.try_emplace(item.record.clock, item.record.start_ns);  // sorted by start
  }
}

void TimeBase::add_launch(const TimelineContent& content, const LayerProfile& of) {
  Launch launch;
  const core::WorkRecord* first = first_item(content, of.layer);
  std::optional<std::uint64_t> near_ns;
  if (first != nullptr) {
    launch.at_ns = first->start_ns - origins_.at(first->clock);
    if (first->clock == core::ClockDomain::kGlobaltimerNs) near_ns = first->start_ns;
  }
  const auto& spans = of.profile.spans;
  const Span* kernel = launch_among(spans, busiest_kernel(spans), near_ns);
  const std::string with =
      first != nullptr ? "starts with its first work item" : "has no work items that say its start";
  if (kernel != nullptr) {
    launch.span_at_ns = kernel->start_ns;
    launch.note =
        fmt::format("layer {}: the launch {}; of the spans, this kernel stands for it: {}",
                    of.layer, with, kernel->name);
    if (near_ns) {
      launch.note +=
          fmt::format(" ({} us away by their clocks)", distance(*near_ns, kernel->start_ns) / 1000);
    }
  } else {
    if (!spans.empty()) launch.span_at_ns = spans.front().start_ns;
    launch.note =
        fmt::format("layer {}: the launch {}; no kernel is among the spans", of.layer, with);
  }
  launches_.emplace(of.layer, std::move(launch));
}

/// Without work items, layers lie as their spans do.
void TimeBase::spread_launches() {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [layer, launch] : launches_) first = std::min(first, launch.span_at_ns);
  for (auto& [layer, launch] : launches_) launch.at_ns = launch.span_at_ns - first;
}

void TimeBase::find_lead(const TimelineContent& content) {
  for (const TimelineSpan& span : content.spans) {
    const Launch& launch = launches_.at(span.layer);
    if (span.span->start_ns >= launch.span_at_ns) continue;
    const std::uint64_t before = launch.span_at_ns - span.span->start_ns;
    if (before > launch.at_ns) lead_ns_ = std::max(lead_ns_, before - launch.at_ns);
  }
}

std::uint64_t TimeBase::of_item(core::ClockDomain clock, std::uint64_t at_ns) const {
  return sum(lead_ns_, at_ns - origins_.at(clock));
}

std::uint64_t TimeBase::of_span(std::int64_t layer, std::uint64_t realtime_ns) const {
  const Launch& launch = launches_.at(layer);
  const std::uint64_t at = sum(lead_ns_, launch.at_ns);
  if (realtime_ns >= launch.span_at_ns) return sum(at, realtime_ns - launch.span_at_ns);
  return at - std::min(at, launch.span_at_ns - realtime_ns);
}

std::uint64_t TimeBase::of_sample(std::int64_t layer, std::uint64_t after_launch_ns) const {
  return sum(sum(lead_ns_, launches_.at(layer).at_ns), after_launch_ns);
}

std::vector<std::string> TimeBase::notes() const {
  std::vector<std::string> notes;
  for (const auto& [layer, launch] : launches_) notes.push_back(launch.note);
  return notes;
}

}  // namespace bsfa::traces
