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

/// Attention by the definition, entry by entry in double, with the whole score matrix in memory.
/// Meant to be read, not to be fast.
struct Exact {
  std::vector<double> o;          ///< [B,H,M,D]
  std::vector<double> lse;        ///< [B,H,M]
  std::vector<double> o_bound;    ///< [B,H,Qb], the largest |kernel - o| that arithmetic allows
  std::vector<double> lse_bound;  ///< [B,H,M]
  std::vector<double> tile_max;   ///< [B,H,Qb,Kb]
  std::vector<double> tile_max_bound;
  std::vector<std::uint8_t> mask;  ///< [B,H,Qb,Kb]
};

/// Under the mask that `thresholds` give (nullptr: nothing is skipped), or under `given` if it is
/// not empty.
Exact attention(const Inputs& inputs, const core::Thresholds* thresholds,
                const std::vector<std::uint8_t>& given = {});

}  // namespace bsfa::test
