// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/runtime/stream.h"

namespace bsfa::kernels::cuda {

/// A point in a stream whose time the device notes.
class Event {
 public:
  /// Errors  throws core::DeviceError.
  Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  void record(const Stream& stream);
  /// Waits until the device has passed it; throws core::DeviceError for what ran before it.
  void synchronize() const;
  /// Milliseconds from `start` to this event; both must have passed.
  double ms_since(const Event& start) const;

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace bsfa::kernels::cuda
