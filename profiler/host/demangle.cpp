// SPDX-License-Identifier: Apache-2.0
#include "profiler/host/demangle.h"

#include <cstdlib>
#include <memory>

#include <cxxabi.h>

namespace bsfa::profiler {

std::string demangled(const char* name) {
  if (name == nullptr) return "";
  constexpr int kDone = 0;
  int status = -1;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == kDone && text ? text.get() : name;
}

}  // namespace bsfa::profiler
