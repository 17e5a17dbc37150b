// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/host/memory.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels {

/// Scratch memory of a kernel, at the alignment it asked for and full of NaN.
///
/// Errors  throws std::bad_alloc, core::DeviceError.
class Workspace {
 public:
  Workspace(const bsfa_plan_info& info, Memory& memory);

  void* data() const noexcept { return buffer_.data(); }
  /// Whether the kernel wrote past what it asked for.
  bool overrun() const;

 private:
  Memory& memory_;
  std::size_t bytes_;
  Buffer buffer_;
};

}  // namespace bsfa::kernels
