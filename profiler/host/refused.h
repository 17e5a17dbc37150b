// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace bsfa::profiler {

/// A machine does not give what was asked for: no library, no permission, another profiler is
/// attached, no such metric. The rest of a profile goes on.
class Refused : public std::runtime_error {
 public:
  /// `words` one line, of what refused: "cuptiRangeProfilerStart: CUPTI_ERROR_HARDWARE_BUSY: ...".
  Refused(const std::string& words, std::string advice)
      : std::runtime_error(words), advice_(std::move(advice)) {}
  /// What to do about it, one line; empty where nothing is known to help.
  const std::string& advice() const noexcept { return advice_; }

 private:
  std::string advice_;
};

}  // namespace bsfa::profiler
