// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "traces/profile.h"

namespace bsfa::profiler {

/// Samples of warps, added up by source line and stall reason.
///
/// The hardware has two counts for each reason: NAME, and NAME_not_issued for the samples in which
/// no other warp could issue either. Nothing says whether the first includes the second, so that is
/// told from the samples taken in all, and every sample appears once, under NAME.
class StallTable {
 public:
  struct Place {
    std::string function;  ///< demangled
    std::string file;
    std::uint32_t line = 0;
    auto operator<=>(const Place&) const = default;
  };

  /// `reason` by the library's own name. What is no stall reason (it counts samples as such) is
  /// left out.
  void add(const Place& place, const std::string& reason, std::uint64_t samples);

  /// Sorted, the most samples first; their texts are left empty. `taken`: samples of all warps,
  /// whatever their reason.
  std::vector<traces::StallLine> lines(std::uint64_t taken) const;

 private:
  struct Counts {
    std::uint64_t plain = 0, not_issued = 0;
  };
  std::map<std::pair<Place, std::string>, Counts> counts_;
  std::uint64_t plain_ = 0, not_issued_ = 0;
};

}  // namespace bsfa::profiler
