// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "kernels/host/memory.h"
#include "kernels/host/same_bits.h"

namespace bsfa::kernels {

/// An output buffer filled with a known pattern between two guard bands, so that a kernel that
/// writes too far, or not at all, is seen. For a device kernel pattern and bands are on the device;
/// `fetch` brings back what became of them.
template <typename T>
class Fenced {
 public:
  /// Errors  throws std::bad_alloc, core::DeviceError.
  Fenced(std::size_t count, T poison, Memory& memory)
      : count_(count), poison_(poison), memory_(memory) {
    if (count_ == 0) return;
    // First, because a device's memory is the tighter limit.
    if (!memory_.is_host()) on_device_ = Buffer(memory_, fenced_bytes());
    data_.assign(count_ + 2 * kBand + kAlignment / sizeof(T), poison);
    const auto address = reinterpret_cast<std::uintptr_t>(data_.data()) / sizeof(T);
    constexpr std::size_t kUnit = kAlignment / sizeof(T);
    first_ = kBand + (kUnit - address % kUnit) % kUnit;
    if (!memory_.is_host()) memory_.copy_in(on_device_.data(), band(), fenced_bytes());
  }

  /// What the kernel is given: 64-byte aligned; null where there are no elements.
  T* data() noexcept {
    if (count_ == 0) return nullptr;
    return memory_.is_host() ? data_.data() + first_ : static_cast<T*>(on_device_.data()) + kBand;
  }

  /// To be called once the kernel has run; all below is about what it brought.
  void fetch() {
    if (on_device_.data() != nullptr) memory_.copy_out(band(), on_device_.data(), fenced_bytes());
  }

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

  T* band() noexcept { return data_.data() + (first_ - kBand); }
  std::size_t fenced_bytes() const noexcept { return (count_ + 2 * kBand) * sizeof(T); }

  std::size_t count_;
  T poison_;
  std::size_t first_ = 0;
  std::vector<T> data_;
  Memory& memory_;
  Buffer on_device_;
};

}  // namespace bsfa::kernels
