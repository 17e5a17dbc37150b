// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include <dlfcn.h>

#include "profiler/cupti/cupti_library.h"
#include "profiler/cupti/current_device.h"
#include "tests/profiler/fake_cupti_profiler.h"

namespace bsfa::test {

/// A fake CUPTI, loaded as the real one is, in its first state.
class FakeLibrary {
 public:
  explicit FakeLibrary(const char* file = BSFA_FAKE_CUPTI) : cupti_({file}) {
    void* handle = ::dlopen(file, RTLD_NOW | RTLD_NOLOAD);
    if (handle == nullptr) throw std::runtime_error("the fake CUPTI is not loaded");
    const auto state =
        reinterpret_cast<FakeProfilerFunction>(::dlsym(handle, "bsfa_fake_profiler"));
    if (state == nullptr) throw std::runtime_error("the library is no fake CUPTI");
    state_ = state();
    *state_ = {};
  }

  const profiler::CuptiLibrary& cupti() const { return cupti_; }
  FakeProfiler& state() const { return *state_; }
  static profiler::CurrentDevice device() { return {}; }

 private:
  profiler::CuptiLibrary cupti_;
  FakeProfiler* state_ = nullptr;
};

/// Makes every call that `collect` makes fail in turn. Each failure must be Refused in the
/// library's words, or be dealt with, and leave nothing open. Returns how many were refused.
template <typename Collect>
int refused_calls(const FakeLibrary& library, Collect&& collect) {
  int refused = 0;
  for (int call = 1;; ++call) {
    FakeProfiler& state = library.state();
    const FakeProfiler before = state;
    state.fail_call = call;
    state.failure = CUPTI_ERROR_HARDWARE_BUSY;
    try {
      collect();
      if (state.failed_call == nullptr) return refused;
    } catch (const profiler::Refused& error) {
      ++refused;
      const std::string text = error.what();
      const std::string name = state.failed_call != nullptr ? state.failed_call : "no call";
      if (text.find(name + ": CUPTI_ERROR_HARDWARE_BUSY") != 0 || error.advice().empty()) {
        throw std::runtime_error(name + " failed, and was refused with: " + text);
      }
    }
    if (state.open != 0) {
      throw std::runtime_error(std::string(state.failed_call) + " failed, and left " +
                               std::to_string(state.open) + " open");
    }
    state = before;
  }
}

}  // namespace bsfa::test
