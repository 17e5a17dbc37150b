// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/trial.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/random.h"
#include "tests/support/quantile.h"

namespace bsfa::test {
namespace {

constexpr std::array<std::int64_t, 9> kLengths = {1, 63, 64, 65, 127, 128, 129, 1000, 4096};
constexpr std::array<core::GateShape, 3> kGates = {{{128, 64}, {64, 64}, {128, 128}}};
constexpr std::array<std::int64_t, 3> kRatios = {1, 4, 8};
constexpr std::array<double, 7> kDensities = {0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0};
constexpr std::array<const char*, 4> kOrdinary = {"gaussian", "structured", "integers", "needle"};
template <typename T, std::size_t kCount>
T pick(core::SplitMix64& random, const std::array<T, kCount>& from) {
  return from[random.below(kCount)];
}

std::int64_t pick_length(core::SplitMix64& random, std::int64_t limit) {
  const auto end = std::upper_bound(kLengths.begin(), kLengths.end(), limit);
  return kLengths[random.below(static_cast<std::uint64_t>(end - kLengths.begin()))];
}

/// Every length, but mostly long ones: where there are few tiles, little can be skipped.
std::int64_t pick_kv_length(core::SplitMix64& random, std::int64_t longest) {
  switch (random.below(4)) {
    case 0:
      return pick_length(random, longest);
    case 1:
      return longest;
    default:
      return std::min<std::int64_t>(longest, 1000);
  }
}

void shrink(core::Problem& p, core::SplitMix64& random, std::int64_t most_scores) {
  while (p.batch * p.heads * p.q_len * p.kv_len > most_scores) {
    if (p.batch > 1) {
      p.batch = 1;
    } else if (p.kv_heads > 1) {
      p.heads /= p.kv_heads;
      p.kv_heads = 1;
    } else if (p.heads > 1) {
      p.q_len = pick_length(random, p.q_len - 1);
    } else {
      return;
    }
  }
}

core::Problem random_shape(core::SplitMix64& random, const TrialSize& size) {
  core::Problem p;
  p.batch = 1 + static_cast<std::int64_t>(random.below(2));
  p.kv_heads = 1 + static_cast<std::int64_t>(random.below(2));
  p.heads = p.kv_heads * pick(random, kRatios);
  p.kv_len = pick_kv_length(random, size.longest);
  p.q_len = random.below(2) == 0 ? p.kv_len : pick_length(random, p.kv_len);
  p.head_dim = random.below(2) == 0 ? 64 : 128;
  p.dtype = random.below(2) == 0 ? core::Dtype::kFloat16 : core::Dtype::kBfloat16;
  p.causal = random.below(3) != 0;
  p.gate = pick(random, kGates);
  shrink(p, random, size.most_scores);
  return core::with_default_scale(p);
}

std::vector<std::string> hostile_kinds() {
  std::vector<std::string> kinds;
  for (const auto& generator : io::generators()) {
    if (std::find(kOrdinary.begin(), kOrdinary.end(), generator.name) == kOrdinary.end()) {
      kinds.emplace_back(generator.name);
    }
  }
  return kinds;
}

std::string random_kind(core::SplitMix64& random) {
  if (random.below(4) != 0) return pick(random, kOrdinary);
  const auto kinds = hostile_kinds();
  return kinds[random.below(kinds.size())];
}

std::string describe(const core::Problem& p) {
  const auto n = [](std::int64_t x) { return std::to_string(x); };
  return "B=" + n(p.batch) + " H=" + n(p.heads) + " Hkv=" + n(p.kv_heads) + " M=" + n(p.q_len) +
         " N=" + n(p.kv_len) + " D=" + n(p.head_dim) + " " + std::string(core::name_of(p.dtype)) +
         (p.causal ? " causal" : " full") + " gate " + n(p.gate.q_block) + "x" + n(p.gate.k_block);
}

}  // namespace

Trial draw_trial(std::uint64_t seed, const TrialSize& size) {
  core::SplitMix64 random(seed);
  const core::Problem problem = random_shape(random, size);
  const std::string kind = random_kind(random);
  const double density = pick(random, kDensities);
  Trial made;
  made.name = "seed " + std::to_string(seed) + ": " + kind + ", " + describe(problem) +
              ", density " + std::to_string(density);
  made.data = io::generate(kind, problem, seed);
  made.thresholds = quantile_thresholds(made.data, density);
  return made;
}

}  // namespace bsfa::test
