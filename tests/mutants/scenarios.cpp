// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/scenarios.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include "core/tile_geometry.h"
#include "io/half.h"
#include "tests/support/quantile.h"

namespace bsfa::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kHalfOfTheTiles = 0.5;

core::Problem causal_problem() {
  core::Problem p;
  p.heads = 4;
  p.kv_heads = 2;
  p.q_len = p.kv_len = 768;
  p.head_dim = 64;
  return core::with_default_scale(p);
}

core::Problem chunk_problem() {
  core::Problem p;
  p.heads = 4;
  p.kv_heads = 2;
  p.q_len = 300;
  p.kv_len = 1000;
  p.head_dim = 128;
  p.dtype = core::Dtype::kBfloat16;
  return core::with_default_scale(p);
}

core::Problem ragged_problem() {
  core::Problem p = causal_problem();
  p.causal = false;
  p.q_len = 450;
  p.kv_len = 700;
  return p;
}

core::Problem with_gate(core::Problem p, core::GateShape gate) {
  p.gate = gate;
  return p;
}

/// Sets one element in every batch entry and head of a [B,H,rows,D] tensor, or in the first alone.
enum class Where { kEverywhere, kFirstHead };
void set(std::vector<std::uint16_t>& tensor, const core::Problem& p, Where where, std::int64_t row,
         std::int64_t channel, float value) {
  const auto stride = static_cast<std::size_t>(p.kv_len * p.head_dim);
  const auto first = static_cast<std::size_t>(row * p.head_dim + channel);
  const std::size_t end = where == Where::kEverywhere ? tensor.size() : stride;
  for (std::size_t i = first; i < end; i += stride) tensor[i] = io::to_half_bits(value, p.dtype);
}

Scenario made(const char* kind, const core::Problem& problem, double density,
              Placement placement = Placement::kBetween) {
  constexpr std::uint64_t kSeed = 20;
  Scenario s;
  s.data = io::generate(kind, problem, kSeed);
  s.thresholds = quantile_thresholds(s.data, density, placement);
  return s;
}

Scenario short_table() {
  Scenario s = made("gaussian", chunk_problem(), kHalfOfTheTiles);
  const std::int64_t blocks = s.thresholds.blocks - 2;
  core::Thresholds cut{s.thresholds.heads, blocks, s.thresholds.gate, {}};
  for (std::int64_t h = 0; h < cut.heads; ++h) {
    for (std::int64_t i = 0; i < blocks; ++i) cut.tau.push_back(s.thresholds.at(h, i));
  }
  s.thresholds = cut;
  return s;
}

/// Only in the first key/value head: a score that is not finite fills every later row of its head,
/// and the others have to show that something was skipped. Row 70 lies in K tile 1, which is
/// off-diagonal from Q block 1 on.
Scenario with_key(float value) {
  Scenario s = made("gaussian", causal_problem(), kHalfOfTheTiles);
  set(s.data.k, s.data.problem, Where::kFirstHead, 70, 3, value);
  return s;
}

Scenario infinite_key() {
  Scenario s = with_key(kInfinity);
  const core::Problem& p = s.data.problem;
  const std::int64_t readers = p.heads / p.kv_heads;
  std::fill_n(s.thresholds.tau.begin(), readers * s.thresholds.blocks, kInfinity);
  return s;
}

Scenario infinite_value() {
  Scenario s = made("gaussian", causal_problem(), kHalfOfTheTiles);
  set(s.data.v, s.data.problem, Where::kEverywhere, 70, 3, kInfinity);
  return s;
}

/// Channel 0 of Q becomes positive and the first head's first key -inf there.
Scenario empty_row() {
  Scenario s = made("gaussian", causal_problem(), kHalfOfTheTiles);
  const core::Problem& p = s.data.problem;
  for (std::size_t i = 0; i < s.data.q.size(); i += static_cast<std::size_t>(p.head_dim)) {
    const float x = std::fabs(io::from_half_bits(s.data.q[i], p.dtype));
    s.data.q[i] = io::to_half_bits(x + 1.0F, p.dtype);
  }
  set(s.data.k, p, Where::kFirstHead, 0, 0, -kInfinity);
  s.thresholds = quantile_thresholds(s.data, kHalfOfTheTiles);
  return s;
}

Scenario long_sums() {
  core::Problem p = causal_problem();
  p.heads = p.kv_heads = 1;
  p.q_len = 256;
  p.kv_len = 4096;
  Scenario s = made("gaussian", p, kHalfOfTheTiles);
  for (std::uint16_t& bits : s.data.v) {
    bits = io::to_half_bits(1.0F + io::from_half_bits(bits, p.dtype) / 4.0F, p.dtype);
  }
  return s;
}

Scenario build(std::string_view name) {
  const core::Problem causal = causal_problem();
  if (name == "causal") return made("structured", causal, kHalfOfTheTiles);
  if (name == "two-batches") {
    core::Problem two = causal;
    two.batch = 2;
    two.q_len = two.kv_len = 512;
    return made("structured", two, kHalfOfTheTiles);
  }
  if (name == "chunk") return made("gaussian", chunk_problem(), kHalfOfTheTiles);
  if (name == "short-table") return short_table();
  if (name == "exact-ties") return made("integers", causal, kHalfOfTheTiles, Placement::kOnValue);
  if (name == "ragged") return made("gaussian", ragged_problem(), kHalfOfTheTiles);
  if (name == "all-negative") return made("all-negative", ragged_problem(), kHalfOfTheTiles);
  if (name == "square-tiles") {
    return made("structured", with_gate(causal, {64, 64}), kHalfOfTheTiles);
  }
  if (name == "large-tiles") {
    return made("structured", with_gate(causal, {128, 128}), kHalfOfTheTiles);
  }
  if (name == "nan-key") return with_key(std::numeric_limits<float>::quiet_NaN());
  if (name == "infinite-key") return infinite_key();
  if (name == "infinite-value") return infinite_value();
  if (name == "empty-row") return empty_row();
  if (name == "long") return long_sums();
  throw std::logic_error("no scenario named " + std::string(name));
}

}  // namespace

const Scenario& scenario(std::string_view name) {
  static std::map<std::string, Scenario, std::less<>> made_so_far;
  auto found = made_so_far.find(name);
  if (found == made_so_far.end()) {
    found = made_so_far.emplace(std::string(name), build(name)).first;
    found->second.name = name;
  }
  return found->second;
}

}  // namespace bsfa::test
