// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/host/library.h"
#include "tests/mutants/trial.h"

namespace bsfa::test {

/// What a series of checks came to.
struct Seen {
  std::int64_t passed = 0, inconclusive = 0;
  std::int64_t skipped = 0, kept = 0;  ///< tiles
  double arithmetic_ratio = 0.0;       ///< the largest error over its bound
};

/// A correct kernel passes, or is inconclusive where the problem proves nothing, which is worked
/// out here and not asked of the verdict.
void require_no_false_alarm(const kernels::Kernel& kernel, const Trial& trial, Seen& seen);

/// The same for `count` random problems, among which there must be skipped and kept tiles and
/// enough that prove something.
void require_no_false_alarms(const kernels::Kernel& kernel, std::uint64_t first_seed,
                             std::uint64_t count, const TrialSize& size = {});

}  // namespace bsfa::test
