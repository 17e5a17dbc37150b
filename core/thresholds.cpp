// SPDX-License-Identifier: Apache-2.0
#include "core/thresholds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace bsfa::core {
namespace {

std::string text_of(const GateShape& gate) {
  return std::to_string(gate.q_block) + "x" + std::to_string(gate.k_block);
}

}  // namespace

Thresholds Thresholds::constant(std::int64_t heads, GateShape gate, float value) {
  return {heads, 1, gate, std::vector<float>(static_cast<std::size_t>(heads), value)};
}

bool Thresholds::keeps_all() const noexcept {
  return std::all_of(tau.begin(), tau.end(),
                     [](float t) { return t == -std::numeric_limits<float>::infinity(); });
}

std::size_t ThresholdTable::index(std::size_t k, std::size_t layer, std::int64_t head,
                                  std::int64_t block) const {
  const auto h = static_cast<std::size_t>(heads);
  const auto b = static_cast<std::size_t>(blocks);
  return ((k * layers.size() + layer) * h + static_cast<std::size_t>(head)) * b +
         static_cast<std::size_t>(block);
}

Thresholds ThresholdTable::select(std::size_t k, std::size_t layer) const {
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(index(k, layer, 0, 0));
  return {heads, blocks, gate, std::vector<float>(first, first + heads * blocks)};
}

void validate(const Thresholds& t, const Problem& problem) {
  if (t.gate != problem.gate) {
    throw InvalidProblem("thresholds made for " + text_of(t.gate) + " tiles cannot gate " +
                         text_of(problem.gate) + " tiles");
  }
  if (t.heads != problem.heads) {
    throw InvalidProblem("thresholds are for " + std::to_string(t.heads) +
                         " heads, the problem has " + std::to_string(problem.heads));
  }
  if (t.blocks < 1 || t.tau.size() != static_cast<std::size_t>(t.heads * t.blocks)) {
    throw InvalidProblem("thresholds of " + std::to_string(t.tau.size()) +
                         " values do not match their shape");
  }
  const auto nan = std::find_if(t.tau.begin(), t.tau.end(), [](float x) { return std::isnan(x); });
  if (nan != t.tau.end()) {
    const auto at = nan - t.tau.begin();
    throw InvalidProblem("threshold of head " + std::to_string(at / t.blocks) + ", block " +
                         std::to_string(at % t.blocks) + " is NaN");
  }
}

}  // namespace bsfa::core
