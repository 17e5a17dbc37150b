// SPDX-License-Identifier: Apache-2.0
#include "tests/support/random_case.h"

#include <algorithm>
#include <cmath>

#include "tests/support/brute_force_reference.h"

namespace bsfa::tests {
namespace {

constexpr double kTau = 6.283185307179586;

std::size_t count(std::int64_t b, std::int64_t h, std::int64_t n, std::int64_t d) {
  return static_cast<std::size_t>(b * h * n * d);
}

template <typename Draw>
Case fill(const core::Problem& problem, Draw draw_qk, core::SplitMix64& random) {
  Case c;
  c.problem = core::with_default_scale(problem);
  const core::Problem& p = c.problem;
  c.q.resize(count(p.batch, p.heads, p.q_len, p.head_dim));
  c.k.resize(count(p.batch, p.kv_heads, p.kv_len, p.head_dim));
  c.v.resize(c.k.size());
  for (auto& x : c.q) x = encode_half(draw_qk(), p.dtype);
  for (auto& x : c.k) x = encode_half(draw_qk(), p.dtype);
  for (auto& x : c.v) x = encode_half(gaussian(random), p.dtype);
  return c;
}

}  // namespace

double gaussian(core::SplitMix64& random) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
  return radius * std::cos(kTau * random.uniform());
}

core::AttentionInputs Case::inputs() const {
  const core::Problem& p = problem;
  const auto view = [&](const std::vector<std::uint16_t>& data, std::int64_t heads,
                        std::int64_t length) {
    return core::TensorView::contiguous(data.data(), p.dtype, {p.batch, heads, length, p.head_dim});
  };
  return {view(q, p.heads, p.q_len), view(k, p.kv_heads, p.kv_len), view(v, p.kv_heads, p.kv_len)};
}

std::size_t Case::index(const core::TensorView& view, std::int64_t b, std::int64_t h,
                        std::int64_t r, std::int64_t d) {
  return static_cast<std::size_t>(b * view.stride[0] + h * view.stride[1] + r * view.stride[2] + d);
}

void Case::set_q(std::int64_t b, std::int64_t h, std::int64_t r, std::int64_t d, double value) {
  q[index(inputs().q, b, h, r, d)] = encode_half(value, problem.dtype);
}

void Case::set_k(std::int64_t b, std::int64_t h, std::int64_t r, std::int64_t d, double value) {
  k[index(inputs().k, b, h, r, d)] = encode_half(value, problem.dtype);
}

void Case::set_v(std::int64_t b, std::int64_t h, std::int64_t r, std::int64_t d, double value) {
  v[index(inputs().v, b, h, r, d)] = encode_half(value, problem.dtype);
}

Case gaussian_case(const core::Problem& problem, std::uint64_t seed, double deviation) {
  core::SplitMix64 random(seed);
  return fill(
      problem, [&] { return deviation * gaussian(random); }, random);
}

Case integer_case(const core::Problem& problem, std::uint64_t seed, int limit) {
  core::SplitMix64 random(seed);
  const auto draw = [&] {
    return static_cast<double>(random.below(static_cast<std::uint64_t>(2 * limit + 1))) - limit;
  };
  return fill(problem, draw, random);
}

core::Problem random_problem(core::SplitMix64& random, std::int64_t longest) {
  const core::GateShape gates[] = {{128, 64}, {64, 64}, {128, 128}};
  core::Problem p;
  p.batch = 1 + static_cast<std::int64_t>(random.below(2));
  p.kv_heads = 1 + static_cast<std::int64_t>(random.below(2));
  p.heads = p.kv_heads * (std::int64_t{1} << random.below(3));
  p.kv_len = 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(longest)));
  p.q_len = random.below(2) == 0
                ? p.kv_len
                : 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(p.kv_len)));
  p.head_dim = random.below(2) == 0 ? 64 : 128;
  p.dtype = random.below(2) == 0 ? core::Dtype::kFloat16 : core::Dtype::kBfloat16;
  p.causal = random.below(3) != 0;
  p.gate = gates[random.below(3)];
  return core::with_default_scale(p);
}

}  // namespace bsfa::tests
