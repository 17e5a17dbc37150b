// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"
#include "kernels/cuda/library/kernels.h"
#include "kernels/cuda/runtime/device.h"
#include "kernels/host/devices.h"

namespace bsfa::kernels {
namespace {

constexpr int kDevice = 0;

}  // namespace

std::span<const bsfa_kernel* const> device_kernels() noexcept {
  return cuda::kernels();
}

bool has_device() noexcept {
  try {
    return cuda::device_count() > 0 &&
           cuda::best_kernel(cuda::device_info(kDevice).capability) != nullptr;
  } catch (...) {
    return false;
  }
}

const bsfa_kernel& best_device_kernel() {
  const cuda::DeviceInfo device = cuda::device_info(kDevice);
  const bsfa_kernel* kernel = cuda::best_kernel(device.capability);
  if (kernel == nullptr) {
    throw core::UsageError("no CUDA kernel of this build runs on " + device.name +
                           ", compute capability " + std::to_string(device.capability / 10) + "." +
                           std::to_string(device.capability % 10));
  }
  return *kernel;
}

}  // namespace bsfa::kernels
