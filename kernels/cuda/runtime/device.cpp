// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime/device.h"

#include <cuda_runtime_api.h>

#include "core/error.h"
#include "kernels/cuda/runtime/check.h"

namespace bsfa::kernels::cuda {
namespace {

void require_device(int ordinal) {
  int count = 0;
  check(cudaGetDeviceCount(&count), "looking for a CUDA device");
  if (ordinal < 0 || ordinal >= count) {
    throw core::DeviceError("there is no CUDA device " + std::to_string(ordinal) + ": there are " +
                            std::to_string(count));
  }
}

int attribute(cudaDeviceAttr name, int ordinal) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, name, ordinal), "asking for a property of the device");
  return value;
}

}  // namespace

int device_count() noexcept {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  cudaGetLastError();
  return 0;
}

DeviceInfo device_info(int ordinal) {
  require_device(ordinal);
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, ordinal), "asking for the device's properties");
  DeviceInfo info;
  info.ordinal = ordinal;
  info.name = properties.name;
  info.capability = 10 * properties.major + properties.minor;
  info.sm_count = properties.multiProcessorCount;
  info.memory_bytes = properties.totalGlobalMem;
  info.shared_memory_per_block_bytes =
      static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, ordinal));
  check(cudaDriverGetVersion(&info.driver_version), "asking for the driver's version");
  return info;
}

std::size_t free_memory_bytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total), "asking for free device memory");
  return free;
}

ScopedDevice::ScopedDevice(int ordinal) {
  require_device(ordinal);
  check(cudaGetDevice(&previous_), "asking for the current device");
  check(cudaSetDevice(ordinal), "choosing a device");
}

ScopedDevice::~ScopedDevice() {
  // A failure would be a lost device's, which every later call reports.
  static_cast<void>(cudaSetDevice(previous_));
}

}  // namespace bsfa::kernels::cuda
