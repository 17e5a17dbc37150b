// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "kernels/host/same_bits.h"

namespace bsfa::kernels {

/// An output buffer filled with a known pattern between two guard bands, so that a kernel that
/// writes too far, or not at all, is seen.
template <typename T>
class Fenced {
 public:
  /// Throws std::bad_alloc.
  Fenced(std::size_t count, T poison) : count_(count), poison_(poison) {
    if (count_ > 0) data_.assign(count_ + 2 * kBand + kAlignment / sizeof(T), poison);
    const auto address = reinterpret_cast<std::uintptr_t>(data_.data()) / sizeof(T);
    constexpr std::size_t kUnit = kAlignment / sizeof(T);
    first_ = kBand + (kUnit - address % kUnit) % kUnit;
  }

  /// 64-byte aligned; null where there are no elements.
  T* data() noexcept { return count_ > 0 ? data_.data() + first_ : nullptr; }
  std::span<const T> values() const noexcept {
    return count_ > 0 ? std::span<const T>(data_.data() + first_, count_) : std::span<const T>();
  }

  bool written(std::size_t i) const noexcept { return !same_bits(data_[first_ + i], poison_); }
  bool any_written(std::size_t first, std::size_t count) const noexcept {
    for (std::size_t i = first; i < first + count; ++i) {
      if (written(i)) return true;
    }
    return false;
  }

  /// Elements before (negative) or from the end on (at least the count) of the first change in a
  /// band; 0 where both are whole.
  std::ptrdiff_t first_write_outside() const noexcept {
    for (std::size_t i = 0; i < data_.size(); ++i) {
      if (i == first_) i += count_;
      if (i < data_.size() && !same_bits(data_[i], poison_)) {
        return static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(first_);
      }
    }
    return 0;
  }

  /// The values without their bands; nothing is left behind.
  std::vector<T> release() && {
    if (count_ == 0) return {};
    const auto first = data_.begin() + static_cast<std::ptrdiff_t>(first_);
    std::copy(first, first + static_cast<std::ptrdiff_t>(count_), data_.begin());
    data_.resize(count_);
    return std::move(data_);
  }

 private:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kBand = 4096 / sizeof(T);

  std::size_t count_;
  T poison_;
  std::size_t first_ = 0;
  std::vector<T> data_;
};

}  // namespace bsfa::kernels
