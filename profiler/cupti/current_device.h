// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <cuda.h>

namespace bsfa::profiler {

/// The device that the calling thread's launches go to.
struct CurrentDevice {
  CUcontext context = nullptr;
  std::size_t ordinal = 0;
};

/// Errors  throws Refused: no driver, no device.
CurrentDevice current_device();

}  // namespace bsfa::profiler
