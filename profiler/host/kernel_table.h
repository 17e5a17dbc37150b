// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "profiler/host/injection_report.h"

namespace bsfa::profiler {

/// Launches of any number of kernels, added up in bounded memory.
class KernelTable {
 public:
  /// Durations that are kept for a kernel's median, and launches that the timeline holds.
  static constexpr std::size_t kMostDurations = 65536;
  static constexpr std::size_t kMostLaunches = 65536;

  /// `name` mangled or not.
  void add(const char* name, const LaunchShape& shape, std::uint64_t start_ns, std::uint64_t end_ns,
           std::uint32_t device, std::uint32_t stream);

  /// Writes kernels, timeline and what it omits. A median is that of the first kMostDurations.
  void write_to(InjectionReport& report) const;

 private:
  struct Row {
    InjectedKernel kernel;
    std::vector<std::uint64_t> durations_ns;
  };

  const std::string& demangled_once(const char* name);

  std::unordered_map<std::string, std::string> names_;
  std::map<std::pair<std::string, LaunchShape>, std::uint32_t> index_;
  std::vector<Row> rows_;
  std::vector<InjectedLaunch> timeline_;
  std::uint64_t omitted_ = 0;
};

}  // namespace bsfa::profiler
