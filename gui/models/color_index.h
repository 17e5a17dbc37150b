// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "gui/models/color_map.h"

namespace bsfa::gui {

/// Contrast::index for millions of values: an entry is guessed from a cheap approximation and
/// corrected at the exact limits between entries, or searched for where no guess is near enough.
class ColorIndex {
 public:
  explicit ColorIndex(const Contrast& contrast);

  /// Values must not be NaN; -inf is as good as any low value.
  void operator()(std::span<const float> values, std::uint8_t* entries) const;

 private:
  enum class Guess : std::uint8_t { kLinear, kLogarithm, kSearch };
  std::uint8_t corrected(int guess, float value) const;
  std::uint8_t searched(float value) const;

  /// Entry i holds values from limits_[i] up to limits_[i + 1].
  std::array<float, 257> limits_{};
  Guess guess_ = Guess::kSearch;
  float from_ = 0.0F, factor_ = 0.0F;
};

}  // namespace bsfa::gui
