// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/tensor.h"
#include "kernels/host/memory.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels {

/// A tensor where a kernel can read it: itself, or a copy that is kept until another is asked for.
///
/// A copy keeps the tensor's strides, so that a kernel sees them, unless there is more gap than
/// tensor between its rows; then it is made contiguous.
class PlacedTensor {
 public:
  /// Errors  throws core::DeviceError, std::bad_alloc.
  bsfa_tensor place(Memory& memory, const core::TensorView& view);

  /// Writes the copy again, where there is one, from the tensor that it was made from.
  void copy_again(Memory& memory);

 private:
  void make_room(Memory& memory, const core::TensorView& view);

  core::TensorView source_;  ///< what copy_ is a copy of; no data: of nothing
  bool packed_ = false;      ///< without the gaps of its source
  Buffer copy_;
  bsfa_tensor placed_{};
};

struct PlacedInputs {
  PlacedTensor q, k, v;
};

}  // namespace bsfa::kernels
