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

void* allocate(std::size_t bytes) {
  void* address = nullptr;
  const cudaError_t error = cudaMalloc(&address, bytes);
  if (error != cudaSuccess) check(error, request_of(bytes));
  return address;
}

void release(void* address) noexcept {
  // Fails only where the device is lost, and with it the memory.
  if (address != nullptr) static_cast<void>(cudaFree(address));
}

}  // namespace bsfa::kernels::cuda
