// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>

#include "kernels/host/memory.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels {

/// What this build knows of CUDA devices; one source file serves builds with the toolkit, another
/// those without.

/// The CUDA kernels of this build; none without the toolkit.
std::span<const bsfa_kernel* const> device_kernels() noexcept;

/// Whether this process sees a CUDA device that one of them runs on.
bool has_device() noexcept;

/// The fastest of them on the first device.
///
/// Errors  throws core::UsageError where this build has none or none runs on the device,
///         core::DeviceError where there is no device.
const bsfa_kernel& best_device_kernel();

/// Memory of the first device, the calling thread's current one for as long as this lives.
///
/// Errors  throws core::DeviceError where there is no device, core::UsageError where this build has
///         no CUDA; the text begins with `who`.
std::unique_ptr<Memory> device_memory(const std::string& who);

}  // namespace bsfa::kernels
