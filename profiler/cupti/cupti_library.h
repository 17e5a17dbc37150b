// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <cupti_result.h>

#include "profiler/host/refused.h"

/// Calls a function of the CUPTI library by its header's declaration, and throws Refused where it
/// does not succeed: BSFA_CUPTI(cupti, cuptiActivityEnable, kind).
#define BSFA_CUPTI(library, name, ...) \
  (library).check((library).function<decltype(&name)>(#name)(__VA_ARGS__), #name)

namespace bsfa::profiler {

/// libcupti, loaded while the program runs: programs start on machines that do not have it.
///
/// Errors   what cannot be loaded, found or done is thrown as Refused, in CUPTI's own words.
/// Threads  any.
class CuptiLibrary {
 public:
  /// The process's own, loaded when it is first asked for and never unloaded: CUPTI's threads and
  /// callbacks outlive what uses them.
  static const CuptiLibrary& get();

  /// The first of these files that loads and is new enough.
  explicit CuptiLibrary(const std::vector<std::string>& candidates);
  CuptiLibrary(const CuptiLibrary&) = delete;
  CuptiLibrary& operator=(const CuptiLibrary&) = delete;

  /// Where it was loaded from.
  const std::string& path() const noexcept { return path_; }

  /// A function by its declaration: function<decltype(&cuptiFinalize)>("cuptiFinalize").
  template <typename Function>
  Function function(const char* name) const {
    return reinterpret_cast<Function>(address(name));
  }

  /// Throws Refused unless `result` is success; `what` is the function that gave it.
  void check(CUptiResult result, const char* what) const;

  /// "WHAT: CUPTI_ERROR_NAME: CUPTI's sentence".
  std::string words(CUptiResult result, const char* what) const;

 private:
  bool load(const std::string& file, std::string& cause);
  void* address(const char* name) const;

  void* handle_ = nullptr;
  std::string path_;
};

/// What a person can do about a result; empty where nothing is known to help.
std::string advice_about(CUptiResult result);

}  // namespace bsfa::profiler
