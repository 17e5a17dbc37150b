// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "core/error.h"

namespace bsfa::core {

/// How a long computation is watched and stopped.
///
/// Threads  on_progress may be called from any thread, one call at a time, with done rising to
/// total.
struct RunControl {
  int threads = 0;                            ///< 0: as many as there are cores
  const std::atomic<bool>* cancel = nullptr;  ///< set to true by the user's Ctrl-C
  std::function<void(std::int64_t done, std::int64_t total)> on_progress;

  bool cancelled() const noexcept {
    return cancel != nullptr && cancel->load(std::memory_order_relaxed);
  }
  /// Throws Interrupted once the user asked to stop.
  void throw_if_cancelled() const {
    if (cancelled()) throw Interrupted();
  }
};

}  // namespace bsfa::core
