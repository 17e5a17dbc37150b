// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/tensor.h"
#include "core/tile_geometry.h"

namespace bsfa::reference {

/// Rows of one head of a tensor, converted exactly.
///
/// Shapes  out: [rows.size(), D], row-major, D being view.shape[3].
void load_rows(const core::TensorView& view, std::int64_t batch, std::int64_t head,
               core::Range rows, double* out);
void load_rows(const core::TensorView& view, std::int64_t batch, std::int64_t head,
               core::Range rows, float* out);

/// Rounds every value to the nearest fp16 or bf16, ties to even, and keeps it as a float.
void round_to(core::Dtype dtype, std::span<float> values);

}  // namespace bsfa::reference
