// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "profiler/cupti/cupti_library.h"

namespace bsfa::profiler {

/// Device code as the driver loaded it.
using Cubin = std::vector<char>;

/// The device code that this process has loaded since keep_modules(), by the checksum that samples
/// name it with. Code stays here when its module is unloaded.
///
/// Threads  any.
class KeptModules {
 public:
  static KeptModules& get();

  /// Copies what is loaded from here on; from the second call on nothing happens.
  ///
  /// Errors  throws Refused.
  void subscribe(const CuptiLibrary& cupti);

  /// nullptr where the code was loaded before subscribe().
  const Cubin* find(const CuptiLibrary& cupti, std::uint64_t checksum);

  /// Called while a module is loaded.
  void add(const char* cubin, std::size_t bytes);

 private:
  std::mutex mutex_;
  bool subscribed_ = false;
  std::vector<Cubin> unnamed_;  ///< whose checksums nobody has asked for
  std::unordered_map<std::uint64_t, Cubin> named_;
};

}  // namespace bsfa::profiler
