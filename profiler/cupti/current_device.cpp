// SPDX-License-Identifier: Apache-2.0
#include "profiler/cupti/current_device.h"

#include <cuda_runtime_api.h>

#include "core/error.h"
#include "kernels/cuda/runtime/check.h"
#include "profiler/host/refused.h"

namespace bsfa::profiler {
namespace {

using kernels::cuda::check;

constexpr unsigned kDriverInterface = 12000;

CurrentDevice ask() {
  int ordinal = 0;
  check(cudaGetDevice(&ordinal), "asking for the current device");
  // Makes the device's context where nothing was done yet.
  check(cudaFree(nullptr), "opening the device");
  // The driver's own functions are looked up, so that programs start without it.
  void* found = nullptr;
  cudaDriverEntryPointQueryResult status = cudaDriverEntryPointSymbolNotFound;
  check(cudaGetDriverEntryPointByVersion("cuCtxGetCurrent", &found, kDriverInterface,
                                         cudaEnableDefault, &status),
        "looking for cuCtxGetCurrent in the driver");
  if (found == nullptr || status != cudaDriverEntryPointSuccess) {
    throw core::DeviceError("the driver has no function cuCtxGetCurrent");
  }
  CurrentDevice device;
  device.ordinal = static_cast<std::size_t>(ordinal);
  const CUresult result = reinterpret_cast<decltype(&cuCtxGetCurrent)>(found)(&device.context);
  if (result != CUDA_SUCCESS || device.context == nullptr) {
    throw core::DeviceError("cuCtxGetCurrent: result " + std::to_string(result) +
                            ", no context of a device");
  }
  return device;
}

}  // namespace

CurrentDevice current_device() {
  try {
    return ask();
  } catch (const core::DeviceError& error) {
    throw Refused(error.what(), "there must be an NVIDIA GPU and its driver");
  }
}

}  // namespace bsfa::profiler
