// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/range_nesting.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace bsfa::profiler {
namespace {

std::vector<traces::Span> paired(const std::vector<RangeMark>& marks, std::uint64_t end_ns) {
  std::unordered_map<std::uint32_t, std::uint64_t> ends;
  for (const RangeMark& mark : marks) {
    if (!mark.begins) ends[mark.id] = mark.time_ns;
  }
  std::vector<traces::Span> ranges;
  for (const RangeMark& mark : marks) {
    if (!mark.begins) continue;
    const auto end = ends.find(mark.id);
    traces::Span range;
    range.kind = traces::SpanKind::kRange;
    range.name = mark.name;
    range.start_ns = mark.time_ns;
    range.end_ns = std::max(mark.time_ns, end != ends.end() ? end->second : end_ns);
    range.track = mark.thread;
    ranges.push_back(std::move(range));
  }
  return ranges;
}

}  // namespace

std::vector<traces::Span> nested_ranges(const std::vector<RangeMark>& marks, std::uint64_t end_ns) {
  std::vector<traces::Span> ranges = paired(marks, end_ns);
  // Of two that start at once the longer encloses the other.
  std::stable_sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.start_ns, b.end_ns) < std::tuple(b.start_ns, a.end_ns);
  });
  std::map<std::uint64_t, std::vector<std::uint64_t>> open;  // ends, by thread
  for (traces::Span& range : ranges) {
    auto& enclosing = open[range.track];
    while (!enclosing.empty() &&
           (enclosing.back() <= range.start_ns || enclosing.back() < range.end_ns)) {
      enclosing.pop_back();
    }
    range.depth = static_cast<std::uint32_t>(enclosing.size());
    enclosing.push_back(range.end_ns);
  }
  return ranges;
}

}  // namespace bsfa::profiler
