// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bsfa::profiler {

/// A C++ name as written in source; any other name as it is.
std::string demangled(const char* name);

}  // namespace bsfa::profiler
