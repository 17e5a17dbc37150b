// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "gui/models/threshold_plan.h"

namespace bsfa::gui {

/// Whether a choice can be followed without knowing the head's tiles.
inline bool needs_tiles(const ThresholdChoice& choice) {
  return choice.kind != ThresholdChoice::Kind::kStored;
}

/// τ [rows] of one head under a choice, from whatever knows its tiles (HeadTuner, CurveTuner; null
/// where the choice needs none). `stored` [rows] are the trace's own; empty: nothing was gated, and
/// everything is kept.
template <typename Tuner>
std::vector<float> chosen_tau(const ThresholdChoice& choice, std::span<const std::int64_t> q_blocks,
                              std::span<const float> stored, const Tuner* tuner) {
  using Kind = ThresholdChoice::Kind;
  std::vector<float> tau(q_blocks.size(), -std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i < tau.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    const auto own = choice.rows.find(q_blocks[i]);
    if (own != choice.rows.end()) {
      tau[i] = own->second;
    } else if (choice.kind == Kind::kStored || tuner == nullptr) {
      if (!stored.empty()) tau[i] = stored[i];
    } else if (choice.kind == Kind::kTopK) {
      tau[i] = tuner->tau_keeping(row, std::llround(choice.value));
    } else if (choice.kind == Kind::kDensity) {
      tau[i] = tuner->tau_for_density(row, choice.value);
    } else {
      tau[i] = tuner->tau_for_mass(row, choice.value);
    }
    if (choice.offset != 0.0) tau[i] += static_cast<float>(choice.offset);
  }
  return tau;
}

}  // namespace bsfa::gui
