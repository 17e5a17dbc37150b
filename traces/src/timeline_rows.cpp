// SPDX-License-Identifier: Apache-2.0
#include "traces/src/timeline_rows.h"

namespace bsfa::traces {

std::size_t SeparateRows::place(std::uint64_t start_ns, std::uint64_t end_ns) {
  while (!busy_.empty() && busy_.top().first <= start_ns) {
    free_.insert(busy_.top().second);
    busy_.pop();
  }
  if (free_.empty()) free_.insert(count_++);
  const std::size_t row = *free_.begin();
  free_.erase(free_.begin());
  busy_.emplace(end_ns, row);
  return row;
}

std::size_t NestedRows::place(std::uint64_t start_ns, std::uint64_t end_ns) {
  constexpr std::size_t kMostRows = 64;
  for (std::size_t row = 0; row < kMostRows; ++row) {
    if (row == open_.size()) open_.emplace_back();
    auto& open = open_[row];
    while (!open.empty() && open.back() <= start_ns) open.pop_back();
    if (!open.empty() && open.back() < end_ns) continue;
    open.push_back(end_ns);
    return row;
  }
  return kMostRows + rest_.place(start_ns, end_ns);
}

}  // namespace bsfa::traces
