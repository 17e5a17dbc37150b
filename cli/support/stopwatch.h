// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <utility>

namespace bsfa::cli {

/// Wall clock in seconds.
class Stopwatch {
 public:
  /// Since construction.
  double total() const { return seconds(Clock::now() - start_); }
  /// Since the last lap, or construction.
  double lap() {
    const auto now = Clock::now();
    return seconds(now - std::exchange(lap_, now));
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }
  Clock::time_point start_ = Clock::now(), lap_ = start_;
};

}  // namespace bsfa::cli
