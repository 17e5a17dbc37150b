// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <queue>
#include <set>
#include <utility>
#include <vector>

namespace bsfa::gui {

/// Puts intervals that come by start into the first lane that is free.
class LaneStacker {
 public:
  std::size_t lane_for(double start, double end) {
    while (!busy_.empty() && busy_.top().first <= start) {
      free_.insert(busy_.top().second);
      busy_.pop();
    }
    std::size_t lane = lanes_;
    if (free_.empty()) {
      ++lanes_;
    } else {
      lane = *free_.begin();
      free_.erase(free_.begin());
    }
    busy_.emplace(end, lane);
    return lane;
  }
  std::size_t lanes() const { return lanes_; }

 private:
  using Busy = std::pair<double, std::size_t>;
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy_;  ///< first to end on top
  std::set<std::size_t> free_;
  std::size_t lanes_ = 0;
};

}  // namespace bsfa::gui
