// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "traces/trace.h"

namespace bsfa::traces {

/// A per-tile array and which of its rows were checked.
///
/// Shapes  values: [heads, rows, columns]; held: [heads, rows].
template <typename T>
struct PyramidLevel {
  std::int64_t heads = 0, rows = 0, columns = 0;
  std::vector<T> values;
  std::vector<std::uint8_t> held;
};

/// How many pooled levels an array of this size gets: halving until both sides are at most 256.
int pyramid_levels(std::int64_t rows, std::int64_t columns) noexcept;

/// The next level: each value is the largest of its two by two tiles; a NaN is larger than all.
/// Rows that were not checked do not take part, and stay NaN or 255 where none of both was.
PyramidLevel<float> pool(const PyramidLevel<float>& level);
PyramidLevel<std::uint8_t> pool(const PyramidLevel<std::uint8_t>& level);

}  // namespace bsfa::traces
