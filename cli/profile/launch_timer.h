// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "profiler/host/collectors.h"

namespace bsfa::cli {

/// Launches for a collector, and what those that it measured took beyond an undisturbed one.
///
/// Threads  launches hold on to this: it stays where it is until the collector is done.
class LaunchTimer {
 public:
  /// `run` launches once and returns how long that took, in the unit of `undisturbed`.
  LaunchTimer(std::function<double()> run, double undisturbed)
      : run_(std::move(run)), undisturbed_(undisturbed) {}
  LaunchTimer(const LaunchTimer&) = delete;
  LaunchTimer& operator=(const LaunchTimer&) = delete;

  profiler::Launches launches() {
    return {[this] { run_(); },
            [this] {
              time_ += run_();
              ++measured_;
            }};
  }

  /// Mean time of the measured launches over the undisturbed time, less 1; none before there is
  /// one.
  std::optional<double> slowdown() const {
    if (measured_ == 0 || !(undisturbed_ > 0.0)) return std::nullopt;
    return time_ / (measured_ * undisturbed_) - 1.0;
  }

 private:
  std::function<double()> run_;
  double undisturbed_;
  double time_ = 0.0;
  int measured_ = 0;
};

}  // namespace bsfa::cli
