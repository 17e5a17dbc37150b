// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/models/color_index.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace bsfa::gui {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

/// Base-2 logarithm of a positive number to within 0.01; far below all others for the rest.
float rough_log(float value) {
  const auto bits = std::bit_cast<std::int32_t>(std::max(value, 0x1p-126F));
  const auto exponent = static_cast<float>((bits >> 23) - 127);
  const float fraction = static_cast<float>(bits & 0x7FFFFF) * 0x1p-23F;
  return exponent + fraction * (1.3465F - 0.3465F * fraction);
}

/// The smallest float whose entry is i or more, to within the rounding of value_at().
float limit_of(const Contrast& contrast, std::size_t i) {
  constexpr int kSteps = 4;
  auto at = static_cast<float>(contrast.value_at(static_cast<double>(i) / 256.0));
  for (int n = 0; n < kSteps && contrast.index(at) >= i; ++n) at = std::nextafter(at, -kInf);
  for (int n = 0; n < 2 * kSteps && contrast.index(at) < i; ++n) at = std::nextafter(at, kInf);
  return at;
}

}  // namespace

ColorIndex::ColorIndex(const Contrast& contrast) {
  // A guess may be one entry off; the approximation of the logarithm is off by a hundredth.
  constexpr float kMostEntriesPerOctave = 90.0F;
  limits_.front() = -kInf;
  limits_.back() = kInf;
  for (std::size_t i = 1; i < 256; ++i) limits_[i] = limit_of(contrast, i);
  const auto start = static_cast<float>(contrast.start());
  const auto high = static_cast<float>(contrast.high);
  const bool log = contrast.log && start >= 0x1p-126F;
  from_ = log ? rough_log(start) : start;
  factor_ = 256.0F / ((log ? rough_log(high) : high) - from_);
  if (!std::isfinite(factor_) || !(factor_ > 0.0F) || !std::isfinite(from_)) return;
  if (log && factor_ > kMostEntriesPerOctave) return;
  // Where a step is near the spacing of floats a linear guess rounds too much.
  const float reach = std::max(std::abs(start), std::abs(high));
  if (!log && reach * factor_ > 0x1p20F) return;
  guess_ = log ? Guess::kLogarithm : Guess::kLinear;
}

std::uint8_t ColorIndex::corrected(int guess, float value) const {
  guess += value >= limits_[static_cast<std::size_t>(guess + 1)] ? 1 : 0;
  guess = std::min(guess, 255);
  guess -= value < limits_[static_cast<std::size_t>(guess)] ? 1 : 0;
  return static_cast<std::uint8_t>(guess);
}

std::uint8_t ColorIndex::searched(float value) const {
  const auto above = std::upper_bound(limits_.begin() + 1, limits_.begin() + 256, value);
  return static_cast<std::uint8_t>(above - limits_.begin() - 1);
}

void ColorIndex::operator()(std::span<const float> values, std::uint8_t* entries) const {
  const auto guess = [&](float rough) {
    return static_cast<int>(std::clamp((rough - from_) * factor_, 0.0F, 255.0F));
  };
  switch (guess_) {
    case Guess::kLinear:
      for (const float value : values) *entries++ = corrected(guess(value), value);
      return;
    case Guess::kLogarithm:
      for (const float value : values) *entries++ = corrected(guess(rough_log(value)), value);
      return;
    case Guess::kSearch:
      for (const float value : values) *entries++ = searched(value);
      return;
  }
}

}  // namespace bsfa::gui
