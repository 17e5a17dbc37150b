// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "analysis/verdict.h"
#include "core/block.h"
#include "core/thresholds.h"

namespace bsfa::test {

/// Works out, apart from the product, whether a check of a correct kernel can prove anything: it
/// can where a tile was skipped that no rounding could have kept, and some block's output differs
/// from dense attention by more than the tolerance.
class Expectation {
 public:
  Expectation(const core::Problem& problem, const core::Thresholds& thresholds)
      : problem_(problem), thresholds_(thresholds) {}

  void add(const core::BlockEvaluation& evaluation);
  analysis::Outcome outcome() const {
    return skipped_ && differs_ ? analysis::Outcome::kPass : analysis::Outcome::kInconclusive;
  }

 private:
  bool skips_beyond_ties(const core::BlockEvaluation& evaluation) const;
  bool differs_from_dense(const core::BlockEvaluation& evaluation) const;

  const core::Problem& problem_;
  const core::Thresholds& thresholds_;
  bool skipped_ = false, differs_ = false;
};

}  // namespace bsfa::test
