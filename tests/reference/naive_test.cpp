// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "core/work.h"
#include "tests/reference/compare.h"
#include "tests/support/half_bits.h"
#include "tests/support/random_problem.h"

using namespace bsfa;
using namespace bsfa::test;

namespace {

/// One query that sees `keys` keys of scale 1, everything zero.
Inputs one_query(core::Dtype dtype, std::int64_t keys) {
  core::Problem p;
  p.q_len = 1;
  p.kv_len = keys;
  p.head_dim = 64;
  p.dtype = dtype;
  p.causal = false;
  p.scale = 1.0F;
  Inputs inputs{p, {}, {}, {}};
  inputs.q.assign(64, 0);
  inputs.k.assign(static_cast<std::size_t>(keys) * 64, 0);
  inputs.v.assign(static_cast<std::size_t>(keys) * 64, 0);
  return inputs;
}

std::vector<float> low(const Inputs& inputs) {
  const reference::Attention attention(inputs.problem, inputs.views());
  const auto mask =
      reference::gate(inputs.problem, attention.statistics({0, 0, 0}, false), nullptr);
  return attention.evaluate({0, 0, 0}, {&mask, 1}, true).masked[0].low;
}

float rounded(float value, core::Dtype dtype) {
  return static_cast<float>(half_value(half_bits(value, dtype), dtype));
}

double largest(const std::vector<std::uint16_t>& values, core::Dtype dtype) {
  double magnitude = 0.0;
  for (const std::uint16_t bits : values) {
    magnitude = std::max(magnitude, std::abs(half_value(bits, dtype)));
  }
  return magnitude;
}

}  // namespace

TEST_CASE(
    "with all-equal scores the naive output is the mean of V, added in order and rounded once") {
  const auto dtype = GENERATE(core::Dtype::kFloat16, core::Dtype::kBfloat16);
  Inputs inputs = one_query(dtype, 1000);
  core::SplitMix64 random(3);
  for (auto& bits : inputs.v) bits = half_bits(1.0 + 100.0 * random.uniform(), dtype);
  const auto actual = low(inputs);
  for (std::size_t d = 0; d < 64; ++d) {
    float sum = 0.0F;
    for (std::size_t c = 0; c < 1000; ++c) {
      sum += static_cast<float>(half_value(inputs.v[c * 64 + d], dtype));
    }
    REQUIRE(actual[d] == rounded(sum / 1000.0F, dtype));
  }
}

TEST_CASE("naive scores are added up in the order of the channels, in fp32") {
  // 2^24 swallows each 1 that follows it, and goes again at the end: 0 where exact sums say 62.
  Inputs inputs = one_query(core::Dtype::kFloat16, 2);
  const auto bits = [](double value) { return half_bits(value, core::Dtype::kFloat16); };
  std::fill(inputs.q.begin(), inputs.q.end(), bits(1.0));
  inputs.q[0] = bits(4096.0);
  inputs.q[63] = bits(-4096.0);
  for (std::size_t d = 0; d < 64; ++d) inputs.k[d] = bits(d == 0 || d == 63 ? 4096.0 : 1.0);
  for (std::size_t d = 0; d < 64; ++d) inputs.v[d] = bits(1.0);
  for (const float value : low(inputs)) REQUIRE(value == 0.5F);
}

TEST_CASE("naive weights are rounded for PV but not for their sum") {
  const auto dtype = GENERATE(core::Dtype::kFloat16, core::Dtype::kBfloat16);
  int rounding_matters = 0;
  for (int step = 1; step <= 60; ++step) {
    Inputs inputs = one_query(dtype, 2);
    const double x = -step / 16.0;
    inputs.q[0] = half_bits(1.0, dtype);
    inputs.k[64] = half_bits(x, dtype);
    for (std::size_t d = 64; d < 128; ++d) inputs.v[d] = half_bits(1.0, dtype);
    const auto weight = static_cast<float>(std::exp(x));
    const float expected = rounded(rounded(weight, dtype) / (1.0F + weight), dtype);
    CAPTURE(step, x);
    for (const float value : low(inputs)) REQUIRE(value == expected);
    rounding_matters += expected != rounded(weight / (1.0F + weight), dtype) ? 1 : 0;
  }
  REQUIRE(rounding_matters > 0);
}

TEST_CASE("the naive output is as far from the exact one as its roundings allow, and not exact") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(0, 20)));
  core::SplitMix64 random(50 + seed);
  const Inputs inputs = gaussian(random_problem(random, 700), seed);
  const core::Problem& p = inputs.problem;
  CAPTURE(seed, p);
  const auto items = core::all_work_items(p);
  const core::WorkItem item = items[random.below(items.size())];
  const auto mask = random_mask(p, item, random);
  const auto out =
      reference::Attention(p, inputs.views()).evaluate(item, {&mask, 1}, true).masked[0];
  REQUIRE(out.low.size() == out.o.size());

  // Scores: D+2 roundings against Cauchy-Schwarz. Weights: twice the score error, one rounding to
  // the dtype. Sums of N terms, exponentials and the division: roundings in fp32. O: one rounding.
  const double u = core::unit_roundoff(p.dtype);
  const auto width = static_cast<double>(p.head_dim);
  const double score = (width + 2.0) * 0x1p-24 * static_cast<double>(p.scale) * width *
                       largest(inputs.q, p.dtype) * largest(inputs.k, p.dtype);
  const double weights = 2.0 * score + u + static_cast<double>(2 * p.kv_len + 8) * 0x1p-23;
  const double bound = (weights * 1.01 + u) * largest(inputs.v, p.dtype);
  double error = 0.0;
  for (std::size_t i = 0; i < out.o.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(out.low[i]) - out.o[i]));
    REQUIRE(out.low[i] == rounded(out.low[i], p.dtype));
  }
  REQUIRE(error <= bound);
  if (p.kv_len > 1) REQUIRE(error > 0.0);
}
