// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>

namespace bsfa::profiler {

/// Takes back what was enabled when it is destroyed, where a failure has already been reported; or
/// earlier and checked, by now().
class Undo {
 public:
  Undo() = default;
  explicit Undo(std::function<void()> action) : action_(std::move(action)) {}
  Undo(Undo&& other) noexcept : action_(std::exchange(other.action_, nullptr)) {}
  /// What this held before is taken back with `other`.
  Undo& operator=(Undo&& other) noexcept {
    std::swap(action_, other.action_);
    return *this;
  }
  ~Undo() {
    try {
      now();
    } catch (...) {
      // The failure that led here is the one to report.
    }
  }

  /// Errors  throws what the action throws; it is not tried again.
  void now() {
    const std::function<void()> action = std::exchange(action_, nullptr);
    if (action) action();
  }

 private:
  std::function<void()> action_;
};

}  // namespace bsfa::profiler
