// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/dtype.h"

namespace bsfa::core {

/// A tensor of up to four dimensions that somebody else owns.
///
/// Shapes  as given; missing leading dimensions are 1. Strides in elements.
struct TensorView {
  const void* data = nullptr;
  Dtype dtype = Dtype::kFloat16;
  std::array<std::int64_t, 4> shape{};
  std::array<std::int64_t, 4> stride{};

  /// Row-major view over contiguous data.
  static TensorView contiguous(const void* data, Dtype dtype, std::array<std::int64_t, 4> shape) {
    return {data, dtype, shape, {shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1}};
  }

  /// Address of element (i, j, r, 0): the start of a row.
  template <typename T>
  const T* row(std::int64_t i, std::int64_t j, std::int64_t r) const noexcept {
    return static_cast<const T*>(data) + (i * stride[0] + j * stride[1] + r * stride[2]);
  }
};

/// Q [B,H,M,D], K and V [B,Hkv,N,D], all of the problem's dtype, D contiguous.
struct AttentionInputs {
  TensorView q, k, v;
};

}  // namespace bsfa::core
