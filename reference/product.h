// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bsfa::reference {

// Eigen's matrix products, apart from everything else: they are slow to compile. C is overwritten.
// Every entry depends on its own row of A and column of B alone, so NaN and infinities stay there.

/// Sizes of C = A·B: A is rows x depth, B depth x columns.
struct ProductShape {
  std::int64_t rows = 0;
  std::int64_t depth = 0;
  std::int64_t columns = 0;
};

/// A·Bᵀ for A and B with contiguous rows (B given as [columns, depth]), C with contiguous columns.
void multiply_transposed(const ProductShape& shape, const double* a, const double* b, double* c);

/// A·B for A and C with contiguous columns, B with contiguous rows.
void multiply(const ProductShape& shape, const double* a, const double* b, double* c);

}  // namespace bsfa::reference
