// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <cuda_runtime_api.h>

#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels::cuda {

/// One line for a person: "WHAT: cause (cudaErrorName)". `what` names what was tried, and for an
/// allocation how much was asked for.
std::string text_of(cudaError_t error, std::string_view what);

/// Whether the error stays with the process: every later call fails with it too.
bool is_sticky(cudaError_t error) noexcept;

/// The status of the C interface that an error stands for.
bsfa_status status_of(cudaError_t error) noexcept;

/// Throws core::DeviceError with text_of, and clears the error where it can be cleared.
void check(cudaError_t error, std::string_view what);

/// The same for functions of the C interface: writes text_of into the caller's buffer and returns
/// status_of. Never throws.
bsfa_status check(cudaError_t error, const char* what, char* text, std::size_t text_size) noexcept;

/// Of a kernel launch, right after it: what the launch itself answered.
inline bsfa_status check_launch(const char* what, char* text, std::size_t text_size) noexcept {
  return check(cudaGetLastError(), what, text, text_size);
}

}  // namespace bsfa::kernels::cuda
