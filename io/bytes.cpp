// SPDX-License-Identifier: Apache-2.0
#include "io/bytes.h"

namespace bsfa::io {

bool starts_with(std::span<const std::byte> bytes, std::string_view prefix) noexcept {
  return as_text(bytes).starts_with(prefix);
}

std::string quote(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = "'";
  for (const char c : name.substr(0, kLongest)) {
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x20 && code != 0x7F) {
      text += c;
    } else {
      text.append("\\x").append(1, kHex[code >> 4U]).append(1, kHex[code & 15U]);
    }
  }
  return text + (name.size() > kLongest ? "...'" : "'");
}

std::optional<std::uint64_t> byte_count(const std::vector<std::int64_t>& shape, core::Dtype dtype) {
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 62;
  if (shape.size() > kMaxRank) return std::nullopt;
  std::uint64_t product = core::size_of(dtype);
  bool empty = false;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (dimension == 0) {
      empty = true;
      continue;
    }
    const auto factor = static_cast<std::uint64_t>(dimension);
    if (product > kLargest / factor) return std::nullopt;
    product *= factor;
  }
  return empty ? 0 : product;
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t dimension : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(dimension);
  }
  return text + "]";
}

}  // namespace bsfa::io
