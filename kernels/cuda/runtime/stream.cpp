// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime/stream.h"

#include "kernels/cuda/runtime/check.h"

namespace bsfa::kernels::cuda {

Stream::Stream() {
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creating a stream");
}

Stream::~Stream() {
  // Fails only where the device is lost, and with it the stream.
  static_cast<void>(cudaStreamDestroy(stream_));
}

void Stream::synchronize() const {
  check(cudaStreamSynchronize(stream_), "waiting for the device");
}

}  // namespace bsfa::kernels::cuda
