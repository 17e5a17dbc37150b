// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/mutation.h"

namespace bsfa::test {
namespace {

constexpr MutationInfo kMutations[] = {
    {Mutation::kNone, "plain", "correct: float arithmetic, P rounded to the dtype as GPUs do"},
    {Mutation::kThresholdByKBlock, "threshold-by-k-block", "threshold of p0/64, not of p0/Bq"},
    {Mutation::kThresholdByChunk, "threshold-by-chunk", "threshold of the block within the chunk"},
    {Mutation::kThresholdWraps, "threshold-wraps", "beyond the table, thresholds start over"},
    {Mutation::kThresholdOfFirstHead, "threshold-of-first-head", "head 0's thresholds for all"},
    {Mutation::kStrictlyGreater, "strictly-greater", "tile_max > τ, so ties are skipped"},
    {Mutation::kRawScores, "raw-scores", "compares τ with unscaled scores"},
    {Mutation::kLog2Scores, "log2-scores", "compares τ with, and reports, log2-domain scores"},
    {Mutation::kNanTileDropped, "nan-tile-dropped", "NaN >= τ is false, so the tile is skipped"},
    {Mutation::kInfiniteThresholdKeepsInfinity, "infinity-keeps", "+inf >= τ = +inf is kept"},
    {Mutation::kDecisionOfNeighbour, "decision-of-neighbour", "decides by the tile before"},
    {Mutation::kDecisionOnRunningMaximum, "running-maximum", "decides by the maximum so far"},
    {Mutation::kDiagonalGated, "diagonal-gated", "diagonal tiles can be skipped too"},
    {Mutation::kOneDiagonalTile, "one-diagonal-tile", "only the last diagonal tile is always kept"},
    {Mutation::kMaximumOverHalfTheRows, "maximum-over-half", "only the upper rows enter tile_max"},
    {Mutation::kMaximumIgnoresNan, "maximum-ignores-nan", "tile_max by fmax, which drops NaN"},
    {Mutation::kMaximumStartsAtZero, "maximum-starts-at-zero", "tile_max is never below 0"},
    {Mutation::kPaddedColumnsInMaximum, "padded-columns", "zero padding beyond N enters tile_max"},
    {Mutation::kPaddedRowsInMaximum, "padded-rows", "zero padding beyond M enters tile_max"},
    {Mutation::kMaskedEntriesInDiagonalMaximum, "masked-in-diagonal-maximum",
     "tile_max of a diagonal tile is taken before the causal mask"},
    {Mutation::kTileMaxRounded, "tile-max-rounded", "reports tile_max rounded to the dtype"},
    {Mutation::kMaskTransposed, "mask-transposed", "writes the mask as [Kb, Qb]"},
    {Mutation::kKeptTileNotComputed, "kept-tile-not-computed", "reports tile 0 kept, skips it"},
    {Mutation::kDenseUnderSparseMask, "dense-under-sparse-mask", "reports skips, computes all"},
    {Mutation::kAlignedTopLeft, "aligned-top-left", "query row i at position i, not N-M+i"},
    {Mutation::kDiagonalSeesNext, "diagonal-sees-next", "a row sees the column after its own"},
    {Mutation::kDiagonalMissesSelf, "diagonal-misses-self", "a row does not see its own column"},
    {Mutation::kOnlyLastTileMasked, "only-last-tile-masked",
     "of two diagonal tiles only the last is masked"},
    {Mutation::kQueryHeadModulo, "query-head-modulo", "query head h reads K and V head h % Hkv"},
    {Mutation::kValueHeadModulo, "value-head-modulo", "query head h reads V head h % Hkv"},
    {Mutation::kBatchStrideOfHead, "batch-stride-of-head", "steps K's batch by one head's stride"},
    {Mutation::kValuesOfNextTile, "values-of-next-tile", "multiplies P with the next tile's V"},
    {Mutation::kValuesStaleAfterSkip, "values-stale-after-skip",
     "after a skipped tile, the V loaded for it is used"},
    {Mutation::kRaggedTileUnmasked, "ragged-tile-unmasked", "columns beyond N take part as zeros"},
    {Mutation::kRaggedTileMissed, "ragged-tile-missed", "visits N/Bk tiles, rounded down"},
    {Mutation::kScaleTwice, "scale-twice", "applies the scale twice"},
    {Mutation::kScaledQueryRounded, "scaled-query-rounded",
     "scales Q first, rounds it to the dtype"},
    {Mutation::kExp2WithoutLog2e, "exp2-without-log2e", "2^(s-max) without the factor log2(e)"},
    {Mutation::kNothingRescaled, "nothing-rescaled", "neither O nor l follow a growing maximum"},
    {Mutation::kOutputNotRescaled, "output-not-rescaled", "l is rescaled, O is not"},
    {Mutation::kSumNotRescaled, "sum-not-rescaled", "O is rescaled, l is not"},
    {Mutation::kSkippedInDenominator, "skipped-in-denominator", "skipped tiles stay in l"},
    {Mutation::kSkippedTimesZero, "skipped-times-zero", "multiplies a skipped tile's V with zeros"},
    {Mutation::kSkippedRaisesMaximum, "skipped-raises-maximum",
     "a skipped tile raises the running maximum"},
    {Mutation::kHalfAccumulation, "half-accumulation", "accumulates PV in fp16, 16 columns a step"},
    {Mutation::kEmptyRowDividesByZero, "empty-row-divides-by-zero",
     "0/0 where all scores are -inf"},
    {Mutation::kNanRowIsZero, "nan-row-is-zero", "a row with a NaN score comes out as zeros"},
    {Mutation::kLseInLog2, "lse-in-log2", "LSE as a base-2 logarithm"},
    {Mutation::kLseWithoutMaximum, "lse-without-maximum", "LSE lacks the row maximum"},
    {Mutation::kLseRounded, "lse-rounded", "LSE rounded to the dtype"},
    {Mutation::kTilesInReverse, "tiles-in-reverse", "visits tiles from last to first"},
    {Mutation::kRowUnwritten, "row-unwritten", "the last query row is not written"},
    {Mutation::kRowsSwapped, "rows-swapped", "rows 0 and 8 of every Q block change places"},
    {Mutation::kOutputPastEnd, "output-past-end", "writes one element beyond O"},
    {Mutation::kLsePastEnd, "lse-past-end", "writes the LSE of Bq rows for a short last block"},
    {Mutation::kLastWorkItemDropped, "last-work-item-dropped", "computes all items but the last"},
    {Mutation::kOrderChangesBetweenRuns, "order-changes",
     "every other run visits tiles in reverse"},
};

}  // namespace

std::span<const MutationInfo> mutations() {
  return kMutations;
}

const MutationInfo& info_of(Mutation mutation) {
  return kMutations[static_cast<std::size_t>(mutation)];
}

}  // namespace bsfa::test
