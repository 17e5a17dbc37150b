// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/trace/profile_diff.h"
#include "traces/reader.h"

namespace bsfa::cli {

/// A property in which two traces differ.
struct Difference {
  std::string what, a, b;
};

/// Tiles of one mask in Q blocks that both traces hold.
struct MaskDifference {
  std::int64_t compared = 0, differing = 0;
  std::int64_t head = -1, q_block = -1, k_block = -1;  ///< the first that differs
};

/// One layer and sequence that both traces hold.
struct SequenceDiff {
  std::int64_t layer = 0, sequence = 0;
  bool same_problem = true;
  std::int64_t common_blocks = 0;
  std::optional<MaskDifference> kernel, reference;  ///< none where a trace lacks that mask
  std::optional<double> density_a, density_b;
  double arithmetic_a = 0.0, arithmetic_b = 0.0, method_a = 0.0, method_b = 0.0;  ///< largest
};

struct TraceDiff {
  std::vector<Difference> provenance;
  std::string verdict_a, verdict_b;
  std::vector<std::string> only_in_one;  ///< "layer 4, sequence 0: only in A"
  std::vector<SequenceDiff> sequences;
  std::vector<ProfileDiff> profiles;              ///< of layers that both traces profiled
  std::vector<std::string> profiles_only_in_one;  ///< "layer 4: profile only in A"

  /// Same verdict, same sequences, and not one tile decided otherwise. Profiles do not count: no
  /// two launches take the same time.
  bool same() const;
};

/// Errors  throws core::InputError.
TraceDiff diff_traces(const traces::TraceReader& a, const traces::TraceReader& b);

}  // namespace bsfa::cli
