// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traces/profile.h"

namespace bsfa::profiler {

/// One end of an NVTX range, as recorded.
struct RangeMark {
  std::uint64_t time_ns = 0;
  std::uint32_t id = 0;  ///< both ends of a range have the same
  std::uint64_t thread = 0;
  bool begins = false;
  std::string name;  ///< of a beginning
};

/// Ranges, each with how many enclose it on its thread, sorted by start; the marks in any order.
/// A range that has not ended does so at `end_ns`. An end without a beginning is of a range begun
/// before recording was, and is left out.
std::vector<traces::Span> nested_ranges(const std::vector<RangeMark>& marks, std::uint64_t end_ns);

}  // namespace bsfa::profiler
