// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bsfa::reference {

/// Rows of a left factor must be padded to a multiple of this.
inline constexpr std::int64_t kRowGroup = 16;

/// B of an ordered product: entry (k, column) is data[k·step + column·column_stride].
struct RightFactor {
  const float* data = nullptr;
  std::int64_t step = 0;
  std::int64_t column_stride = 0;
};

/// C += A·B in fp32, every entry accumulated one term after the other in the order of k, which a
/// library's matrix product does not promise.
///
/// Shapes  a: [depth, rows], c: [columns, rows], both with contiguous rows, a multiple of
/// kRowGroup.
void add_ordered_product(const float* a, RightFactor b, std::int64_t rows, std::int64_t columns,
                         std::int64_t depth, float* c);

}  // namespace bsfa::reference
