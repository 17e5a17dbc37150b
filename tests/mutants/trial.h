// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/thresholds.h"
#include "io/generate.h"

namespace bsfa::test {

/// A problem drawn from everything the method covers, and thresholds for it.
struct Trial {
  std::string name;  ///< every choice, so that a failure can be repeated by hand
  io::GeneratedAttention data;
  core::Thresholds thresholds;
};

/// How large a trial may be. It is made smaller until it has no more scores than this over all
/// heads, or is one square head: a test is to take seconds.
struct TrialSize {
  std::int64_t longest = 4096;
  std::int64_t most_scores = 8'000'000;
};

/// Shapes of lengths 1, 63, 64, 65, 127, 128, 129, 1000 and 4096 up to the longest, M <= N, D 64
/// and 128, fp16 and bf16, GQA ratios 1, 4 and 8, all gates, causal or not, densities from 0 to 1,
/// every ordinary generator and now and then a hostile one. Same seed, same problem.
Trial draw_trial(std::uint64_t seed, const TrialSize& size);

}  // namespace bsfa::test
