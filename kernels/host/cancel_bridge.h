// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>

#include "core/run_control.h"

namespace bsfa::kernels {

/// Carries the caller's atomic flag over to the plain int that a kernel polls.
///
/// Threads  a thread of its own looks at the flag every few milliseconds while the bridge lives;
///          without a flag there is none.
class CancelBridge {
 public:
  explicit CancelBridge(const core::RunControl& control) {
    if (control.cancel == nullptr) return;
    flag_ = control.cancelled() ? 1 : 0;
    watcher_ = std::jthread([this, cancel = control.cancel](const std::stop_token& stop) {
      constexpr std::chrono::milliseconds kInterval{5};
      std::mutex mutex;
      std::condition_variable_any wake;
      std::unique_lock lock(mutex);
      while (!wake.wait_for(lock, stop, kInterval, [&] { return cancel->load(); }) &&
             !stop.stop_requested()) {
      }
      if (cancel->load()) flag_ = 1;
    });
  }

  const volatile std::int32_t* flag() const noexcept {
    return watcher_.joinable() ? &flag_ : nullptr;
  }

 private:
  volatile std::int32_t flag_ = 0;
  std::jthread watcher_;
};

}  // namespace bsfa::kernels
