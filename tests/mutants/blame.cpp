// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/blame.h"

#include <set>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "tests/mutants/scenarios.h"
#include "tests/support/check.h"

namespace bsfa::test {
namespace {

unsigned blame_of(const analysis::Verdict& verdict) {
  return (verdict.arithmetic_failed ? kArithmetic : 0U) | (verdict.gating_failed ? kGating : 0U) |
         (verdict.contract_failed ? kContract : 0U);
}

constexpr BlameRow kGateRows[] = {
    {Mutation::kThresholdByKBlock, "causal", kGating, kArithmetic},
    {Mutation::kThresholdByKBlock, "large-tiles", kGating, kArithmetic},
    {Mutation::kThresholdByChunk, "chunk", kGating, kArithmetic},
    {Mutation::kThresholdWraps, "short-table", kGating, kArithmetic},
    {Mutation::kThresholdOfFirstHead, "causal", kGating, kArithmetic},
    // Shows where fp32 is exact; elsewhere an equality within β is a tie that either decision fits.
    {Mutation::kStrictlyGreater, "exact-ties", kGating, kArithmetic},
    {Mutation::kRawScores, "causal", kGating, kArithmetic},
    {Mutation::kLog2Scores, "causal", kGating, kArithmetic},
    {Mutation::kNanTileDropped, "nan-key", kGating, kArithmetic},
    {Mutation::kDecisionOfNeighbour, "causal", kGating, kArithmetic},
    {Mutation::kDecisionOnRunningMaximum, "causal", kGating, kArithmetic},
    // Its own tile_max is +inf, and τ = +inf skips that. Nothing to see in O: whether a tile whose
    // scores overflow is kept is set aside.
    {Mutation::kInfiniteThresholdKeepsInfinity, "infinite-key", kGating, kNothing},
    {Mutation::kDiagonalGated, "causal", kGating, kArithmetic},
    {Mutation::kDiagonalGated, "ragged", kGating, kArithmetic},
    {Mutation::kOneDiagonalTile, "causal", kGating, kArithmetic},
    {Mutation::kMaximumOverHalfTheRows, "causal", kGating, kArithmetic},
    {Mutation::kMaximumIgnoresNan, "nan-key", kGating, kArithmetic},
    {Mutation::kMaximumStartsAtZero, "all-negative", kGating, kArithmetic},
    {Mutation::kPaddedColumnsInMaximum, "all-negative", kGating, kArithmetic},
    {Mutation::kPaddedRowsInMaximum, "all-negative", kGating, kArithmetic},
    // A wrong report about right arithmetic is invisible without the report.
    {Mutation::kMaskedEntriesInDiagonalMaximum, "causal", kGating, kNothing},
    {Mutation::kTileMaxRounded, "causal", kGating, kNothing},
    {Mutation::kMaskTransposed, "square-tiles", kGating | kArithmetic, kNothing},
    {Mutation::kRaggedTileMissed, "ragged", kGating, kArithmetic},
};

constexpr BlameRow kArithmeticRows[] = {
    {Mutation::kKeptTileNotComputed, "causal", kArithmetic, kArithmetic},
    {Mutation::kDenseUnderSparseMask, "causal", kArithmetic, kArithmetic},
    {Mutation::kValueHeadModulo, "causal", kArithmetic, kArithmetic},
    {Mutation::kValuesOfNextTile, "causal", kArithmetic, kArithmetic},
    {Mutation::kValuesStaleAfterSkip, "causal", kArithmetic, kArithmetic},
    {Mutation::kRaggedTileUnmasked, "ragged", kArithmetic, kArithmetic},
    {Mutation::kExp2WithoutLog2e, "causal", kArithmetic, kArithmetic},
    {Mutation::kNothingRescaled, "causal", kArithmetic, kArithmetic},
    {Mutation::kOutputNotRescaled, "causal", kArithmetic, kArithmetic},
    {Mutation::kSumNotRescaled, "causal", kArithmetic, kArithmetic},
    {Mutation::kSkippedInDenominator, "causal", kArithmetic, kArithmetic},
    {Mutation::kSkippedTimesZero, "infinite-value", kArithmetic, kArithmetic},
    {Mutation::kHalfAccumulation, "long", kArithmetic, kArithmetic},
    {Mutation::kEmptyRowDividesByZero, "empty-row", kArithmetic, kArithmetic},
    {Mutation::kNanRowIsZero, "nan-key", kArithmetic, kArithmetic},
    {Mutation::kLseInLog2, "causal", kArithmetic, kArithmetic},
    {Mutation::kLseWithoutMaximum, "causal", kArithmetic, kArithmetic},
    {Mutation::kLseRounded, "causal", kArithmetic, kArithmetic},
    {Mutation::kRowsSwapped, "causal", kArithmetic, kArithmetic},
};

/// Mistakes in reading Q and K or in scoring: what the gate sees is wrong, and so is the softmax.
constexpr BlameRow kScoreRows[] = {
    {Mutation::kAlignedTopLeft, "chunk", kGating | kArithmetic, kArithmetic},
    {Mutation::kDiagonalSeesNext, "causal", kGating | kArithmetic, kArithmetic},
    {Mutation::kDiagonalMissesSelf, "causal", kGating | kArithmetic, kArithmetic},
    {Mutation::kOnlyLastTileMasked, "causal", kGating | kArithmetic, kArithmetic},
    {Mutation::kQueryHeadModulo, "causal", kGating | kArithmetic, kArithmetic},
    {Mutation::kBatchStrideOfHead, "two-batches", kGating | kArithmetic, kArithmetic},
    {Mutation::kScaleTwice, "causal", kGating | kArithmetic, kArithmetic},
    {Mutation::kScaledQueryRounded, "chunk", kGating | kArithmetic, kArithmetic},
};

constexpr BlameRow kContractRows[] = {
    {Mutation::kRowUnwritten, "chunk", kContract | kArithmetic, kContract | kArithmetic},
    {Mutation::kOutputPastEnd, "chunk", kContract, kContract},
    {Mutation::kLsePastEnd, "chunk", kContract, kContract},
    {Mutation::kOrderChangesBetweenRuns, "causal", kContract, kContract},
};

/// Not mistakes, or not on these problems: must pass.
///
/// skipped-raises-maximum  O and l are taken relative to the running maximum, whatever it is, and
///                         both shrink by the same factor
/// tiles-in-reverse        the softmax does not depend on the order of tiles
/// skipped-times-zero      adds zeros where V is finite
/// scaled-query-rounded    a power of two as scale rounds nothing
/// padded-columns, -rows   a zero does not show beside scores above zero
constexpr BlameRow kEquivalentRows[] = {
    {Mutation::kSkippedRaisesMaximum, "causal", kNothing, kNothing},
    {Mutation::kTilesInReverse, "causal", kNothing, kNothing},
    {Mutation::kSkippedTimesZero, "causal", kNothing, kNothing},
    {Mutation::kScaledQueryRounded, "causal", kNothing, kNothing},
    {Mutation::kPaddedColumnsInMaximum, "ragged", kNothing, kNothing},
    {Mutation::kPaddedRowsInMaximum, "ragged", kNothing, kNothing},
};

std::string describe(Mutation mutation, const char* name, const analysis::Verdict& verdict) {
  std::string text = std::string(info_of(mutation).name) + " on " + name +
                     (verdict.gating_inferred ? " without a mask: " : " with a mask: ") +
                     std::string(analysis::name_of(verdict.outcome));
  for (const auto& reason : verdict.reasons) text += "\n  " + reason;
  return text;
}

/// The mutants of one library, judged.
class Trials {
 public:
  explicit Trials(const KernelOf& kernel_of) : kernel_of_(kernel_of) {}

  void require_blame(const BlameRow& row, bool want_mask) {
    require_plain_passes(row.scenario, want_mask);
    const analysis::Verdict verdict = judge(row.mutation, row.scenario, want_mask);
    const unsigned expected = want_mask ? row.with_mask : row.without_mask;
    INFO(describe(row.mutation, row.scenario, verdict));
    CHECK(blame_of(verdict) == expected);
    CHECK(verdict.passed == (expected == kNothing));
    CHECK(verdict.gating_inferred == !want_mask);
  }

 private:
  analysis::Verdict judge(Mutation mutation, const char* name, bool want_mask) const {
    const Scenario& s = scenario(name);
    CheckOptions options;
    options.want_mask = want_mask;
    return check(kernel_of_(mutation), s.data, &s.thresholds, options).verdict;
  }

  void require_plain_passes(const char* name, bool want_mask) {
    if (!passed_.emplace(name, want_mask).second) return;
    const analysis::Verdict verdict = judge(Mutation::kNone, name, want_mask);
    INFO(describe(Mutation::kNone, name, verdict));
    CHECK(verdict.tiles.skipped > 0);
    CHECK(verdict.tiles.kept > 0);
    CHECK(blame_of(verdict) == kNothing);
    CHECK(verdict.passed);
  }

  const KernelOf& kernel_of_;
  std::set<std::pair<std::string, bool>> passed_;
};

}  // namespace

std::span<const BlameRow> gate_rows() {
  return kGateRows;
}

std::span<const BlameRow> arithmetic_rows() {
  return kArithmeticRows;
}

std::span<const BlameRow> score_rows() {
  return kScoreRows;
}

std::span<const BlameRow> contract_rows() {
  return kContractRows;
}

std::span<const BlameRow> equivalent_rows() {
  return kEquivalentRows;
}

void require_blame(std::span<const BlameRow> rows, const KernelOf& kernel_of) {
  Trials trials(kernel_of);
  for (const BlameRow& row : rows) {
    trials.require_blame(row, true);
    trials.require_blame(row, false);
  }
}

}  // namespace bsfa::test
