// SPDX-License-Identifier: Apache-2.0
#include "kernels/cuda/runtime/event.h"

#include "kernels/cuda/runtime/check.h"

namespace bsfa::kernels::cuda {

Event::Event() {
  check(cudaEventCreate(&event_), "creating an event");
}

Event::~Event() {
  // Fails only where the device is lost, and with it the event.
  static_cast<void>(cudaEventDestroy(event_));
}

void Event::record(const Stream& stream) {
  check(cudaEventRecord(event_, stream.get()), "recording an event");
}

void Event::synchronize() const {
  check(cudaEventSynchronize(event_), "running the kernel");
}

double Event::ms_since(const Event& start) const {
  float ms = 0.0F;
  check(cudaEventElapsedTime(&ms, start.event_, event_), "reading the time of an event");
  return static_cast<double>(ms);
}

}  // namespace bsfa::kernels::cuda
