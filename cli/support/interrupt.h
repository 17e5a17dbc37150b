// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace bsfa::cli {

/// From now on SIGINT and SIGTERM set the returned flag instead of ending the process, so that
/// everything unwinds and temporary files go away. A closed pipe and a file over the size limit
/// become write errors.
const std::atomic<bool>& catch_interrupts();

}  // namespace bsfa::cli
