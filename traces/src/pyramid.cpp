// SPDX-License-Identifier: Apache-2.0
#include "traces/src/pyramid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bsfa::traces {
namespace {

constexpr std::int64_t kLargestTop = 256;

float larger(float a, float b) {
  if (std::isnan(a)) return a;
  return b <= a ? a : b;  // a NaN in b fails the comparison, and so wins
}
std::uint8_t larger(std::uint8_t a, std::uint8_t b) {
  return std::max(a, b);
}

template <typename T>
constexpr T unchecked = std::numeric_limits<T>::quiet_NaN();
template <>
constexpr std::uint8_t unchecked<std::uint8_t> = 255;

/// Two columns into one; the last may stand alone.
template <typename T>
void halve_columns(const std::vector<T>& row, T* out) {
  const std::size_t pairs = row.size() / 2;
  for (std::size_t c = 0; c < pairs; ++c) out[c] = larger(row[2 * c], row[2 * c + 1]);
  if (row.size() % 2 != 0) out[pairs] = row.back();
}

template <typename T>
PyramidLevel<T> pool_level(const PyramidLevel<T>& in) {
  PyramidLevel<T> out{in.heads, (in.rows + 1) / 2, (in.columns + 1) / 2, {}, {}};
  const auto columns = static_cast<std::size_t>(in.columns);
  const auto pooled_columns = static_cast<std::size_t>(out.columns);
  const auto out_rows = static_cast<std::size_t>(out.heads * out.rows);
  out.values.assign(out_rows * pooled_columns, unchecked<T>);
  out.held.assign(out_rows, 0);
  std::vector<T> both(columns);
  for (std::size_t o = 0; o < out_rows; ++o) {
    const auto head = static_cast<std::int64_t>(o) / out.rows;
    const auto first = static_cast<std::int64_t>(o) % out.rows * 2;
    for (std::int64_t r = first; r < std::min(first + 2, in.rows); ++r) {
      const auto row = static_cast<std::size_t>(head * in.rows + r);
      if (in.held[row] == 0) continue;
      const T* values = in.values.data() + row * columns;
      if (out.held[o] == 0) {
        std::copy_n(values, columns, both.begin());
      } else {
        for (std::size_t c = 0; c < columns; ++c) both[c] = larger(both[c], values[c]);
      }
      out.held[o] = 1;
    }
    if (out.held[o] != 0) halve_columns(both, out.values.data() + o * pooled_columns);
  }
  return out;
}

}  // namespace

int pyramid_levels(std::int64_t rows, std::int64_t columns) noexcept {
  int levels = 0;
  for (; std::max(rows, columns) > kLargestTop; ++levels) {
    rows = (rows + 1) / 2;
    columns = (columns + 1) / 2;
  }
  return levels;
}

PyramidLevel<float> pool(const PyramidLevel<float>& level) {
  return pool_level(level);
}
PyramidLevel<std::uint8_t> pool(const PyramidLevel<std::uint8_t>& level) {
  return pool_level(level);
}

}  // namespace bsfa::traces
