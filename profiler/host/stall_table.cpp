// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/stall_table.h"

#include <algorithm>
#include <string_view>

namespace bsfa::profiler {
namespace {

constexpr std::string_view kReason = "_issue_stalled_";
constexpr std::string_view kNotIssued = "_not_issued";

}  // namespace

void StallTable::add(const Place& place, const std::string& reason, std::uint64_t samples) {
  if (samples == 0 || reason.find(kReason) == std::string::npos) return;
  const bool not_issued = reason.ends_with(kNotIssued);
  const std::string name =
      not_issued ? reason.substr(0, reason.size() - kNotIssued.size()) : reason;
  Counts& counts = counts_[{place, name}];
  (not_issued ? counts.not_issued : counts.plain) += samples;
  (not_issued ? not_issued_ : plain_) += samples;
}

std::vector<traces::StallLine> StallTable::lines(std::uint64_t taken) const {
  // Samples lost on the way keep the sums from being equal to it.
  const auto off = [&](std::uint64_t sum) { return std::max(sum, taken) - std::min(sum, taken); };
  const bool apart = off(plain_ + not_issued_) < off(plain_);
  std::vector<traces::StallLine> lines;
  for (const auto& [key, counts] : counts_) {
    const auto& [place, reason] = key;
    // A count that includes the other cannot be smaller, unless samples were lost in between.
    const std::uint64_t samples =
        apart ? counts.plain + counts.not_issued : std::max(counts.plain, counts.not_issued);
    lines.push_back({place.function, place.file, place.line, "", reason, samples});
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.samples > b.samples; });
  return lines;
}

}  // namespace bsfa::profiler
