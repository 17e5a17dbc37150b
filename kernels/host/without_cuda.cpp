// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"
#include "kernels/host/devices.h"

namespace bsfa::kernels {

std::span<const bsfa_kernel* const> device_kernels() noexcept {
  return {};
}

bool has_device() noexcept {
  return false;
}

const bsfa_kernel& best_device_kernel() {
  throw core::UsageError("this build has no CUDA kernels: it was made without the CUDA toolkit");
}

std::unique_ptr<Memory> device_memory(const std::string& who) {
  throw core::UsageError(who +
                         ": it computes on a CUDA device, and this build was made without CUDA");
}

}  // namespace bsfa::kernels
