// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace bsfa::gui {

/// Places that were visited, to walk back and forward through. Visiting a place drops those ahead.
template <typename T>
class History {
 public:
  static constexpr std::size_t kLongest = 200;

  explicit History(T start) : places_{std::move(start)} {}

  const T& current() const { return places_[at_]; }
  void visit(T place) {
    if (place == current()) return;
    places_.resize(at_ + 1, place);
    places_.push_back(std::move(place));
    if (places_.size() > kLongest) places_.erase(places_.begin());
    at_ = places_.size() - 1;
  }
  /// The current place is another, and no place to come back to.
  void replace(T place) { places_[at_] = std::move(place); }
  bool can_go_back() const { return at_ > 0; }
  bool can_go_forward() const { return at_ + 1 < places_.size(); }
  const T& back() {
    if (can_go_back()) --at_;
    return current();
  }
  const T& forward() {
    if (can_go_forward()) ++at_;
    return current();
  }

 private:
  std::vector<T> places_;
  std::size_t at_ = 0;
};

}  // namespace bsfa::gui
