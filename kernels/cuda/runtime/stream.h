// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

namespace bsfa::kernels::cuda {

/// A stream of the current device that does not wait for the default stream.
class Stream {
 public:
  /// Errors  throws core::DeviceError.
  Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  cudaStream_t get() const noexcept { return stream_; }
  /// Errors  throws core::DeviceError, also for what ran on the stream before.
  void synchronize() const;

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace bsfa::kernels::cuda
