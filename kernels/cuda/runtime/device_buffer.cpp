// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime/device_buffer.h"

#include <string>

#include <cuda_runtime_api.h>

#include "kernels/cuda/runtime/check.h"

namespace bsfa::kernels::cuda {
namespace {

std::string request_of(std::size_t bytes) {
  std::string text = "allocating " + std::to_string(bytes) + " bytes";
  std::size_t free = 0;
  std::size_t total = 0;
  if (cudaMemGetInfo(&free, &total) == cudaSuccess) {
    text += " (" + std::to_string(free) + " of " + std::to_string(total) + " are free)";
  }
  return text;
}

}  // namespace

DeviceBuffer::DeviceBuffer(std::size_t bytes) : bytes_(bytes) {
  if (bytes == 0) return;
  const cudaError_t error = cudaMalloc(&data_, bytes);
  if (error != cudaSuccess) check(error, request_of(bytes));
}

DeviceBuffer::~DeviceBuffer() {
  // Fails only where the device is lost, and with it the memory.
  if (data_ != nullptr) static_cast<void>(cudaFree(data_));
}

}  // namespace bsfa::kernels::cuda
