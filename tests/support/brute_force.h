// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/problem.h"
#include "core/tensor.h"
#include "core/thresholds.h"

namespace bsfa::test {

/// Q, K and V of a test, contiguous.
struct Inputs {
  core::Problem problem;
  std::vector<std::uint16_t> q, k, v;
  core::AttentionInputs views() const;
};

/// Normal values, the same for the same seed.
Inputs gaussian(const core::Problem& problem, std::uint64_t seed);
/// Whole numbers from -limit to limit.
Inputs integers(const core::Problem& problem, std::uint64_t seed, int limit);

/// What the gate says of every tile, by the definition, entry by entry in double.
///
/// Shapes  [B,H,Qb,Kb].
struct Gating {
  std::vector<double> tile_max;
  std::vector<double> bound;       ///< how far an fp32 tile_max may lie from tile_max
  std::vector<std::uint8_t> mask;  ///< under the thresholds (nullptr: nothing is skipped)
};
Gating gating(const Inputs& inputs, const core::Thresholds* thresholds);

/// Attention under a mask, by the definition, and how far a kernel may lie from it.
struct Exact {
  std::vector<double> o;          ///< [B,H,M,D]
  std::vector<double> lse;        ///< [B,H,M]
  std::vector<double> o_bound;    ///< [B,H,Qb]
  std::vector<double> lse_bound;  ///< [B,H,M]
};
Exact attention(const Inputs& inputs, const std::vector<std::uint8_t>& mask);

}  // namespace bsfa::test
