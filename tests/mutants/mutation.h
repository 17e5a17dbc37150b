// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace bsfa::test {

/// One mistake that the plain kernel can be told to make. kNone makes none.
enum class Mutation : std::uint8_t {
  kNone,
  // Which threshold a Q block reads.
  kThresholdByKBlock,
  kThresholdByChunk,
  kThresholdWraps,
  kThresholdOfFirstHead,
  // How a tile is decided.
  kStrictlyGreater,
  kRawScores,
  kLog2Scores,
  kNanTileDropped,
  kInfiniteThresholdKeepsInfinity,
  kDecisionOfNeighbour,
  kDecisionOnRunningMaximum,
  kDiagonalGated,
  kOneDiagonalTile,
  // What enters tile_max.
  kMaximumOverHalfTheRows,
  kMaximumIgnoresNan,
  kMaximumStartsAtZero,
  kPaddedColumnsInMaximum,
  kPaddedRowsInMaximum,
  kMaskedEntriesInDiagonalMaximum,
  // What is reported.
  kTileMaxRounded,
  kMaskTransposed,
  kKeptTileNotComputed,
  kDenseUnderSparseMask,
  // Which elements are read.
  kAlignedTopLeft,
  kDiagonalSeesNext,
  kDiagonalMissesSelf,
  kOnlyLastTileMasked,
  kQueryHeadModulo,
  kValueHeadModulo,
  kBatchStrideOfHead,
  kValuesOfNextTile,
  kValuesStaleAfterSkip,
  kRaggedTileUnmasked,
  kRaggedTileMissed,
  // Softmax and accumulation.
  kScaleTwice,
  kScaledQueryRounded,
  kExp2WithoutLog2e,
  kNothingRescaled,
  kOutputNotRescaled,
  kSumNotRescaled,
  kSkippedInDenominator,
  kSkippedTimesZero,
  kSkippedRaisesMaximum,
  kHalfAccumulation,
  kEmptyRowDividesByZero,
  kNanRowIsZero,
  // LSE.
  kLseInLog2,
  kLseWithoutMaximum,
  kLseRounded,
  // Writing results.
  kTilesInReverse,
  kRowUnwritten,
  kRowsSwapped,
  kOutputPastEnd,
  kLsePastEnd,
  kLastWorkItemDropped,
  kOrderChangesBetweenRuns,
};

/// A mutation's name as a kernel ("plain" for kNone) and what it does wrong, in one line.
struct MutationInfo {
  Mutation mutation;
  const char* name;
  const char* description;
};

/// All of them, in the order of the enumeration.
std::span<const MutationInfo> mutations();
const MutationInfo& info_of(Mutation mutation);

}  // namespace bsfa::test
