// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "core/tensor.h"

namespace bsfa::io {

/// Seeded inputs that own their data; the same seed gives the same bits on every machine.
struct GeneratedAttention {
  core::Problem problem;
  std::vector<std::uint16_t> q, k, v;
  core::AttentionInputs inputs() const;
};

/// A named kind of input and what it is for, as `bsfa generate --help` lists them.
struct GeneratorInfo {
  std::string_view name;
  std::string_view description;
};

/// gaussian, structured (sinks + local window + heavy hitters + decay), needle, integers (small
/// integers: fp32 scores are exact), and the hostile ones: nan-q, nan-k, nan-v, inf-q, inf-k,
/// inf-v, negative-inf-k, all-equal, one-hot-row, near-overflow, all-negative.
const std::vector<GeneratorInfo>& generators();

/// Errors  throws core::UsageError for an unknown kind, core::InvalidProblem for a bad problem.
GeneratedAttention generate(std::string_view kind, const core::Problem& problem,
                            std::uint64_t seed);

}  // namespace bsfa::io
