// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <set>
#include <utility>
#include <vector>

namespace bsfa::traces {

/// Rows for events that overlap: each event, given by start, takes the first row that is free.
class SeparateRows {
 public:
  std::size_t place(std::uint64_t start_ns, std::uint64_t end_ns);

 private:
  using Busy = std::pair<std::uint64_t, std::size_t>;
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy_;
  std::set<std::size_t> free_;
  std::size_t count_ = 0;
};

/// Rows for events that enclose one another: each event, given by start and of one start the
/// longest first, takes the first row whose open events enclose it wholly. Where very many cross,
/// the rest stand on rows of their own.
class NestedRows {
 public:
  std::size_t place(std::uint64_t start_ns, std::uint64_t end_ns);

 private:
  std::vector<std::vector<std::uint64_t>> open_;  ///< of each row, ends from the outermost inwards
  SeparateRows rest_;
};

}  // namespace bsfa::traces
