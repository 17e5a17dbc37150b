// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime/check.h"

#include <new>

#include "core/error.h"
#include "kernels/common/versioned_struct.h"

namespace bsfa::kernels::cuda {
namespace {

/// What to say instead of CUDA's own words, where those do not tell a user what to do.
const char* cause_of(cudaError_t error) noexcept {
  switch (error) {
    case cudaErrorNoDevice:
      return "there is no CUDA device";
    case cudaErrorInsufficientDriver:
    case cudaErrorStubLibrary:
      return "there is no NVIDIA driver, or it is older than this build needs";
    case cudaErrorDevicesUnavailable:
      return "the device is in use by another process that does not share it";
    case cudaErrorMemoryAllocation:
      return "out of device memory";
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      return "this build has no code for the device's compute capability and driver";
    default:
      return cudaGetErrorString(error);
  }
}

}  // namespace

std::string text_of(cudaError_t error, std::string_view what) {
  std::string text(what);
  text.append(": ").append(cause_of(error)).append(" (").append(cudaGetErrorName(error));
  text.append(")");
  if (is_sticky(error)) text.append("; the device is lost to this process");
  return text;
}

bool is_sticky(cudaError_t error) noexcept {
  switch (error) {
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorContained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorTensorMemoryLeak:
    case cudaErrorMpsClientTerminated:
    case cudaErrorExternalDevice:
      return true;
    default:
      return false;
  }
}

bsfa_status status_of(cudaError_t error) noexcept {
  switch (error) {
    case cudaSuccess:
      return BSFA_OK;
    case cudaErrorMemoryAllocation:
      return BSFA_OUT_OF_MEMORY;
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
      return BSFA_UNSUPPORTED;
    default:
      return BSFA_DEVICE_ERROR;
  }
}

void check(cudaError_t error, std::string_view what) {
  if (error == cudaSuccess) return;
  // Otherwise the next call that asks for the last error would be blamed for this one.
  cudaGetLastError();
  throw core::DeviceError(text_of(error, what));
}

bsfa_status check(cudaError_t error, const char* what, char* text, std::size_t text_size) noexcept {
  if (error == cudaSuccess) return BSFA_OK;
  cudaGetLastError();
  try {
    return answer(status_of(error), text_of(error, what).c_str(), text, text_size);
  } catch (const std::bad_alloc&) {
    return answer(status_of(error), cudaGetErrorName(error), text, text_size);
  }
}

}  // namespace bsfa::kernels::cuda
