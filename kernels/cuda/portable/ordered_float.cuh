// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bsfa::kernels::cuda {

/// An integer that orders as the floats do, every NaN above all: redux.sync takes integers alone.
__device__ __forceinline__ std::int32_t ordered_from_float(float x) {
  const std::int32_t bits = isnan(x) ? 0x7FFFFFFF : __float_as_int(x);
  return bits ^ ((bits >> 31) & 0x7FFFFFFF);
}

__device__ __forceinline__ float float_from_ordered(std::int32_t x) {
  return __int_as_float(x ^ ((x >> 31) & 0x7FFFFFFF));
}

}  // namespace bsfa::kernels::cuda
