// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "analysis/verdict.h"
#include "core/thresholds.h"
#include "io/generate.h"
#include "kernels/host/library.h"
#include "kernels/host/run.h"

namespace bsfa::test {

struct CheckOptions {
  bool want_mask = true;    ///< false: gating has to be inferred from O
  std::int64_t sample = 0;  ///< Q blocks that are computed and judged; 0: all
  std::uint64_t seed = 1;   ///< of the sample
  /// Sees every judged block, one call at a time.
  std::function<void(const core::BlockEvaluation&, const analysis::BlockVerdict&)> on_block;
};

struct Checked {
  analysis::Verdict verdict;
  std::vector<analysis::BlockVerdict> blocks;  ///< in the order of the work items
  std::string text() const;                    ///< outcome and reasons, for failure messages
};

/// What `compare` does, without files: run the kernel twice, evaluate the specification under the
/// kernel's mask (or its own, where none is reported), judge every block, conclude.
///
/// `thresholds` nullptr means gating is off.
Checked check(const kernels::Kernel& kernel, const io::GeneratedAttention& data,
              const core::Thresholds* thresholds, const CheckOptions& options = {});

}  // namespace bsfa::test
