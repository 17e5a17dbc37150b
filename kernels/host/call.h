// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

#include "core/error.h"
#include "kernels/include/bsfa/kernel.h"

namespace bsfa::kernels {

/// Where a kernel writes its one line of text; always terminated, whatever the kernel does.
class ErrorText {
 public:
  char* data() noexcept { return text_.data(); }
  std::size_t size() const noexcept { return text_.size() - 1; }
  /// The first line, or `otherwise` where the kernel said nothing.
  std::string str(std::string_view otherwise) const {
    const std::string_view all(text_.data());
    const std::string_view line = all.substr(0, all.find('\n'));
    return std::string(line.empty() ? otherwise : line);
  }

 private:
  std::array<char, 1024> text_{};
};

/// Calls into somebody's library; a C++ exception out of it becomes core::PluginError.
template <typename Call>
auto guarded(const std::string& who, const char* what, Call&& call) {
  try {
    return call();
  } catch (const std::exception& failure) {
    throw core::PluginError(who, std::string(what) + " threw an exception: " + failure.what());
  } catch (...) {
    throw core::PluginError(who, std::string(what) + " threw an exception");
  }
}

/// Throws what a status other than BSFA_OK means, with the kernel's own words.
[[noreturn]] void throw_status(bsfa_status status, const std::string& who, const char* what,
                               const ErrorText& text);

inline void throw_unless_ok(bsfa_status status, const std::string& who, const char* what,
                            const ErrorText& text) {
  if (status != BSFA_OK) throw_status(status, who, what, text);
}

}  // namespace bsfa::kernels
