// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/run_control.h"

namespace bsfa::cli {

/// One line on standard error with a bar and the remaining time, erased at the end. Silent where
/// standard error is no terminal, unless BSFA_PROGRESS is "always".
class Progress {
 public:
  explicit Progress(std::string label);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void update(std::int64_t done, std::int64_t total);
  /// The same control, reporting here. The Progress must outlive the computation.
  core::RunControl watch(core::RunControl control);

 private:
  using Clock = std::chrono::steady_clock;
  std::string label_;
  bool visible_;
  Clock::time_point start_, last_;
};

/// Bar, percentage and remaining time as shown, for `elapsed_s` seconds since the start.
std::string progress_line(const std::string& label, std::int64_t done, std::int64_t total,
                          double elapsed_s);

}  // namespace bsfa::cli
