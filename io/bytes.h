// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/dtype.h"

namespace bsfa::io {

static_assert(std::endian::native == std::endian::little,
              "files hold little-endian values, which are used in place");

/// The value stored at `offset`; the caller has checked that it is inside.
template <typename T>
T load(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool starts_with(std::span<const std::byte> bytes, std::string_view prefix) noexcept;

/// A name out of a file, fit for one line of text: quoted, control characters escaped, shortened.
std::string quote(std::string_view name);

/// Dimensions an array may have.
inline constexpr std::size_t kMaxRank = 32;

/// Bytes of an array. Nothing where a dimension is negative, there are more than kMaxRank of them,
/// or the product of the dimensions (counting 0 as 1) times the element size exceeds 2^62.
std::optional<std::uint64_t> byte_count(const std::vector<std::int64_t>& shape, core::Dtype dtype);

/// "[2, 3]".
std::string text_of(const std::vector<std::int64_t>& shape);

}  // namespace bsfa::io
