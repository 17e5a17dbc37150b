// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "kernels/host/plan.h"

namespace bsfa::kernels {

/// Calls; memory that runs out and a device that fails become a core::DeviceError whose text begins
/// with the kernel.
template <typename Call>
auto with_name(const Kernel& kernel, Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (const std::bad_alloc&) {
    throw core::DeviceError(who(kernel) + ": out of memory for its outputs or workspace");
  } catch (const std::system_error& error) {
    // Of the thread that watches for an interruption.
    throw core::DeviceError(who(kernel) + ": out of memory or threads: " + error.what());
  } catch (const core::DeviceError& error) {
    const std::string_view text = error.what();
    if (text.starts_with(who(kernel))) throw;
    throw core::DeviceError(who(kernel) + ": " + std::string(text));
  }
}

}  // namespace bsfa::kernels
