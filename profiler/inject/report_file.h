// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bsfa::profiler {

/// Writes `text` to `path`, or to `path`.PID where another process of the same run has already
/// written there. Never half of it: a file appears when it is whole.
///
/// Errors  throws std::runtime_error.
void write_report_file(const std::string& path, const std::string& text);

}  // namespace bsfa::profiler
