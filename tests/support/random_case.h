// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/problem.h"
#include "core/random.h"
#include "core/tensor.h"
#include "core/thresholds.h"

namespace bsfa::tests {

/// A problem that owns its tensors, contiguous.
struct Case {
  core::Problem problem;
  std::vector<std::uint16_t> q, k, v;

  core::AttentionInputs inputs() const;
  /// Sets one element; head and row count in the tensor's own shape.
  static std::size_t index(const core::TensorView& view, std::int64_t b, std::int64_t h,
                           std::int64_t r, std::int64_t d);
  void set_q(std::int64_t b, std::int64_t h, std::int64_t r, std::int64_t d, double value);
  void set_k(std::int64_t b, std::int64_t h, std::int64_t r, std::int64_t d, double value);
  void set_v(std::int64_t b, std::int64_t h, std::int64_t r, std::int64_t d, double value);
};

/// Gaussian entries of the given standard deviation for q and k, 1 for v; a scale of 0 becomes the
/// default.
Case gaussian_case(const core::Problem& problem, std::uint64_t seed, double deviation = 1.0);

/// Small integers in q and k (-limit .. limit) and gaussian v.
Case integer_case(const core::Problem& problem, std::uint64_t seed, int limit);

/// A problem of up to `longest` tokens with every other choice drawn at random.
core::Problem random_problem(core::SplitMix64& random, std::int64_t longest);

/// One draw from the normal distribution.
double gaussian(core::SplitMix64& random);

}  // namespace bsfa::tests
