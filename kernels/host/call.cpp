// SPDX-License-Identifier: Apache-2.0
#include "kernels/host/call.h"

namespace bsfa::kernels {

void throw_status(bsfa_status status, const std::string& who, const char* what,
                  const ErrorText& text) {
  switch (status) {
    case BSFA_UNSUPPORTED:
      throw core::UsageError(who + ": unsupported: " + text.str("no reason given"));
    case BSFA_OUT_OF_MEMORY:
      throw core::DeviceError(who + ": " + text.str("out of memory"));
    case BSFA_DEVICE_ERROR:
      throw core::DeviceError(who + ": " + text.str("device error"));
    case BSFA_CANCELLED:
      throw core::Interrupted();
    case BSFA_OK:
    case BSFA_INVALID_ARGUMENT:
    case BSFA_INTERNAL_ERROR:
      break;
  }
  throw core::PluginError(who, std::string(what) + " failed with status " +
                                   std::to_string(static_cast<int>(status)) + ": " +
                                   text.str("no reason given"));
}

}  // namespace bsfa::kernels
